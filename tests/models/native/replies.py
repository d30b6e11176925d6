#!/usr/bin/env python3
"""Makes the replies that the tests of models read, by other people's code. usage: replies.py [check]

Of Converse: moto serialises a response, whole and as a stream, from botocore's service model. Of Messages: the SDK of
Anthropic reads a stream and says which message it makes. With `check` nothing is written, and it is an error where what
is checked in differs.
"""

import base64
import json
import pathlib
import sys

import anthropic
import httpx2
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

import streams

DIALECTS = pathlib.Path(__file__).resolve().parents[3] / "models/src/dialect"


def converse():
    model = get_service_model("bedrock-runtime")
    serializer = get_serializer_class("bedrock-runtime", "rest-json")
    for name, (events, whole) in streams.CONVERSE.items():
        stream = serializer(model.operation_model("ConverseStream")).serialize({"stream": events})
        reply = {"name": name, "stream": base64.b64encode(stream["body"]).decode()}
        if whole:
            reply["whole"] = json.loads(serializer(model.operation_model("Converse")).serialize(whole)["body"])
        yield reply


def body(events):
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return "".join(lines)


def read(text):
    """The message that the SDK makes of a stream."""
    answer = lambda request: httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=text)
    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = anthropic.Anthropic(api_key="none", max_retries=0, http_client=transport)
    asked = {"model": "claude", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    with client.messages.stream(**asked) as stream:
        return stream.get_final_message().to_dict(exclude_unset=True)


def messages():
    for name, events in streams.MESSAGES.items():
        text = body(events)
        reply = {"name": name, "stream": text}
        try:
            reply["whole"] = read(text)
        except anthropic.APIStatusError as error:
            reply["refused"] = error.body
        yield reply


def main():
    differ = False
    for dialect, replies in (("converse", converse()), ("messages", messages())):
        file = DIALECTS / dialect / "exchanges/replies.json"
        text = json.dumps(list(replies), indent=1) + "\n"
        if sys.argv[1:] != ["check"]:
            file.write_text(text)
        elif json.loads(file.read_text()) != json.loads(text):
            print(f"{file} is not what replies.py makes", file=sys.stderr)
            differ = True
        print(f"{dialect}: {len(json.loads(text))} replies")
    sys.exit(differ)


main()
