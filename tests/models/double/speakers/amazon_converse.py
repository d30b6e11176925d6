"""Converse, by Amazon's SDK, which leaves the pieces of a stream to be put together by whoever asks."""

import json

import speakers

STOP = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool-calls",
    "guardrail_intervened": "content-filter",
}


class Converse:
    def __init__(self, client, headers):
        self.client = client

    def say(self, model, text, streams=False, tools=False, schema=False, image=None, document=None, **more):
        content = [{"text": text}]
        if image:
            content.append({"image": {"format": "png", "source": {"bytes": image}}})
        if document:
            content.append({"document": {"format": "pdf", "name": "oslo", "source": {"bytes": document}}})
        self.asked = {"modelId": model} | more
        if tools:
            described = {"name": "weather", "inputSchema": {"json": speakers.PLACE}}
            self.asked["toolConfig"] = {"tools": [{"toolSpec": described}]}
        if schema:
            structure = {"jsonSchema": {"name": "answer", "schema": json.dumps(speakers.SCHEMA)}}
            self.asked["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": structure}}
        self.streams = streams
        self.messages = [{"role": "user", "content": content}]
        return self.ask()

    def answer(self, results):
        self.messages.append(self.last)
        calls = [block["toolUse"] for block in self.last["content"] if "toolUse" in block]
        content = [
            {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": result}]}}
            for call, result in zip(calls, results, strict=True)
        ]
        self.messages.append({"role": "user", "content": content})
        return self.ask()

    def ask(self):
        asked = self.asked | {"messages": self.messages}
        if self.streams:
            self.last, stop, usage = gathered(self.client.converse_stream(**asked)["stream"])
        else:
            made = self.client.converse(**asked)
            self.last, stop, usage = made["output"]["message"], made["stopReason"], made.get("usage")
        return self.told(stop, usage)

    def told(self, stop, usage):
        parts = []
        for block in self.last["content"]:
            if "text" in block:
                parts.append({"text": block["text"]})
            elif "toolUse" in block:
                use = block["toolUse"]
                parts.append({"call": use["name"], "raw": json.dumps(use["input"], separators=(",", ":"))})
        return {"parts": parts, "stop": STOP.get(stop, stop), "usage": counted(usage), "model": None}


def gathered(stream):
    """The message that the events make, why it ended, and what was counted."""
    blocks, stop, usage = {}, None, None
    for event in stream:
        [(name, value)] = event.items()
        if name == "contentBlockStart":
            blocks[value["contentBlockIndex"]] = {"toolUse": value["start"]["toolUse"] | {"input": ""}}
        elif name == "contentBlockDelta":
            add(blocks, value["contentBlockIndex"], value["delta"])
        elif name == "messageStop":
            stop = value["stopReason"]
        elif name == "metadata":
            usage = value.get("usage")
    assert stop, "the stream ended before the answer did"
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return {"role": "assistant", "content": [blocks[index] for index in sorted(blocks)]}, stop, usage


def add(blocks, index, delta):
    [(kind, piece)] = delta.items()
    if kind == "text":
        block = blocks.setdefault(index, {"text": ""})
        block["text"] += piece
    elif kind == "toolUse":
        blocks[index]["toolUse"]["input"] += piece["input"]
    elif kind == "reasoningContent":
        told = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}})
        told = told["reasoningContent"]["reasoningText"]
        told["text"] += piece.get("text", "")
        if "signature" in piece:
            told["signature"] = piece["signature"]


def counted(told):
    if not told:
        return None
    read, write = told.get("cacheReadInputTokens", 0), told.get("cacheWriteInputTokens", 0)
    long = sum(kept["inputTokens"] for kept in told.get("cacheDetails", []) if kept["ttl"] == "1h")
    assert told["totalTokens"] == told["inputTokens"] + read + write + told["outputTokens"]
    return speakers.usage(told["inputTokens"], read, write, long, told["outputTokens"])
