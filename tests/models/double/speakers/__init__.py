"""Conversations with models through the vendors' SDKs: a question as each SDK puts it, and what it makes of the answer.

What it makes is said in the words of `expected.json`.
"""

import importlib

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
PLACE = {
    "type": "object",
    "properties": {"place": {"type": "string"}},
    "required": ["place"],
    "additionalProperties": False,
}
PICTURE = bytes.fromhex("89504e470d0a1a0a") + b"a picture of Oslo"
TEXTS = ["case:embed Oslo", "Bergen"]
ONE = "case:one Oslo"
DOCUMENT = b"%PDF-1.7\nabout Oslo"
MODULES = {
    "responses": "openai_responses",
    "chat": "openai_chat",
    "embeddings": "openai_chat",
    "messages": "anthropic_messages",
    "gemini": "google_gemini",
    "converse": "amazon_converse",
    "invoke": "amazon_invoke",
    "embed-text": "oracle",
}


def of(way, given, carrier, times=1, **more):
    """A conversation by this way."""
    module = importlib.import_module("speakers." + MODULES[way.format])
    kind = getattr(module, way.format.title().replace("-", ""))
    return kind(way.make(given, carrier, times, **more), way.headers)


def texts(text):
    """The texts of which vectors are asked: this one, or those of the case."""
    return [text] if text else TEXTS


def usage(input=0, read=0, write=0, long=0, output=0, reasoning=0):
    """Counts in the words of `expected.json`."""
    return {
        "input": input,
        "cache-read": read,
        "cache-write": write,
        "cache-write-long": long,
        "output": output,
        "reasoning": reasoning,
    }
