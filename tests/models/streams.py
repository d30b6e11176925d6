#!/usr/bin/env python3
"""Reads the recorded streams with OpenAI's own client, and compares what it makes of each with the whole answer beside it.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python streams.py

The client validates every event strictly. Each stream has an answer of the same name that it has to add up to; those
without one have to fail. The last checks are that the comparison and the validation can fail at all.
"""

import http.server
import json
import pathlib
import threading

import openai
import pydantic
from openai.lib.streaming.chat import ChatCompletionStreamState

STREAMS = pathlib.Path(__file__).parent / "streams"
SPOILED = {
    "another text": [(b"Oslo", b"Bergen")],
    "a chunk unlike any": [(b'"finish_reason":"stop"', b'"finish_reason":"done"')],
    "an event unlike any": [(b'"output_index":1', b'"output_index":"one"')],
}


class Served(http.server.BaseHTTPRequestHandler):
    """Serves a stream, or the answer beside it, by the model's name: that is the file's."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        streams = asked.get("stream", False)
        body = (STREAMS / (asked["model"] + (".sse" if streams else ".json"))).read_bytes()
        for spoiled, instead in SPOILED.get(asked.get("user"), []):
            assert spoiled in body
            body = body.replace(spoiled, instead)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if streams else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def made(client, name, **more):
    """What the client makes of a stream: of chunks the sum, of Responses what the last event carries and the pieces too."""
    if name.startswith("chat"):
        state = ChatCompletionStreamState()
        for chunk in client.chat.completions.create(model=name, messages=[], stream=True, **more):
            state.handle_chunk(chunk)
        return state.current_completion_snapshot
    whole, texts = None, {}
    for event in client.responses.create(model=name, input=[], stream=True, **more):
        if event.type.endswith("text.delta") or event.type.endswith("refusal.delta"):
            texts[event.item_id] = texts.get(event.item_id, "") + event.delta
        if event.type == "error":
            raise openai.APIError(event.message, request=None, body=None)
        if event.type in ("response.completed", "response.incomplete", "response.failed"):
            whole = event.response
    said = {
        item.id: "".join(getattr(part, "text", None) or part.refusal for part in item.content)
        for item in whole.output
        if item.type == "message"
    }
    assert texts == said, (texts, said)
    return whole


def given(client, name):
    """What the client makes of the whole answer."""
    if name.startswith("chat"):
        return client.chat.completions.create(model=name, messages=[])
    return client.responses.create(model=name, input=[])


def plain(answer):
    """An answer without what the sum of chunks adds and what says nothing."""

    def cleaned(node):
        if isinstance(node, list):
            return [cleaned(value) for value in node]
        if isinstance(node, dict):
            dropped = ("obfuscation", "index", "parsed", "parsed_arguments")
            return {key: cleaned(value) for key, value in node.items() if value is not None and key not in dropped}
        return node

    data = cleaned(answer.model_dump(mode="json"))
    for choice in data.get("choices", []):
        # The client keeps the empty text that some streams begin with.
        for field in ("content", "refusal"):
            if choice["message"].get(field) == "":
                del choice["message"][field]
    return data


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = openai.OpenAI(
        base_url=f"http://127.0.0.1:{server.server_port}/v1",
        api_key="none",
        max_retries=0,
        _strict_response_validation=True,
    )
    for path in sorted(STREAMS.glob("*.sse")):
        name = path.stem
        if path.with_suffix(".json").exists():
            streamed, whole = plain(made(client, name)), plain(given(client, name))
            streamed.pop("object", None), whole.pop("object", None)
            assert streamed == whole, f"{name}:\n{streamed}\n{whole}"
            print("adds up:", name)
        else:
            try:
                made(client, name)
            except openai.APIError as error:
                print("fails, as it has to:", name, "-", error.message)
            else:
                raise AssertionError(f"{name} did not fail")
    spoiled = plain(made(client, "chat-text", user="another text"))
    assert spoiled["choices"] != plain(given(client, "chat-text"))["choices"], "the comparison cannot fail"
    for name, how in [("chat-text", "a chunk unlike any"), ("responses-text", "an event unlike any")]:
        try:
            made(client, name, user=how)
        except (openai.APIError, pydantic.ValidationError):
            print("found:", how)
        else:
            raise AssertionError(f"{how} was not found")
    print("found: another text")


main()
