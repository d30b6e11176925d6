"""Amazon's Converse. botocore's model judges requests, and moto's serialiser writes replies by it."""

import json
import pathlib
import sys
import urllib.parse

from moto.core.eventstream import EventStreamEncoder
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

import serving
from cases import Asked, Call, Refused, pieces

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2]))
from native import judge as native  # noqa: E402

JUDGE = native.Converse()
MODEL = get_service_model("bedrock-runtime")
WRITER = get_serializer_class("bedrock-runtime", "rest-json")
SIGNATURE = "c2lnbmVkLWJ5LXRoZS1kb3VibGU="
THOUGHT = "I need the weather."
STOP = {"end": "end_turn", "tool-calls": "tool_use", "length": "max_tokens", "content-filter": "guardrail_intervened"}
STOP["window"] = "model_context_window_exceeded"
MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf"}


def streams(request):
    return request.path.endswith("/converse-stream")


def judge(request, body):
    path = request.path if streams(request) else request.path + "-stream"
    try:
        JUDGE.judge({"path": path, "body": body})
    except Exception as error:
        raise Refused(f"botocore does not allow it: {str(error)[:700]}") from None


def read(request, body):
    model = urllib.parse.unquote(request.path.split("/")[2])
    asked = Asked(model=model, streams=streams(request))
    format = (body.get("outputConfig") or {}).get("textFormat") or {}
    if format.get("type") == "json_schema":
        asked.schema = json.loads(format["structure"]["jsonSchema"]["schema"])
    tools = (body.get("toolConfig") or {}).get("tools") or []
    asked.tools = [tool["toolSpec"]["name"] for tool in tools if "toolSpec" in tool]
    for message in body["messages"]:
        for block in message["content"]:
            take(asked, message["role"], block)
    if asked.case == "tools" and asked.results and asked.echoed != [(THOUGHT, SIGNATURE)]:
        raise Refused(f"a call of a tool came back without the reasoning before it, or with another: {asked.echoed}")
    return asked


def take(asked, role, block):
    if "text" in block and role == "user":
        asked.texts.append(block["text"])
    elif "image" in block:
        asked.pictures.append(attached(block["image"]))
    elif "document" in block:
        asked.documents.append(attached(block["document"]))
    elif "reasoningContent" in block:
        told = block["reasoningContent"].get("reasoningText", {})
        asked.echoed.append((told.get("text"), told.get("signature")))
    elif "toolUse" in block:
        asked.calls.append(block["toolUse"]["input"])
    elif "toolResult" in block:
        result = block["toolResult"]
        if result["toolUseId"] != call_id(len(asked.results)):
            raise Refused(f"a result of {result['toolUseId']}, where {call_id(len(asked.results))} is next")
        texts = [part["text"] if "text" in part else json.dumps(part["json"]) for part in result["content"]]
        asked.results.append("".join(texts))


def attached(block):
    data = native.base64.b64decode(block["source"]["bytes"], validate=True)
    return MEDIA.get(block["format"], block["format"]), data


def call_id(number):
    return f"tooluse_{number}"


def headers(answer):
    return {"x-amzn-requestid": "double-" + answer.case}


def blocks(answer):
    if answer.thinks:
        yield {"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": SIGNATURE}}}
    for part in answer.parts:
        if isinstance(part, Call):
            number = answer.calls.index(part)
            yield {"toolUse": {"toolUseId": call_id(number), "name": part.name, "input": part.arguments}}
        else:
            yield {"text": part.text}


def usage(told):
    long, kept = told["cache-write-long"], told["cache-write"]
    total = told["input"] + told["cache-read"] + kept
    counts = {"inputTokens": told["input"], "outputTokens": told["output"], "totalTokens": total + told["output"]}
    more = {"cacheReadInputTokens": told["cache-read"], "cacheWriteInputTokens": kept}
    if kept:
        more["cacheDetails"] = [{"ttl": "5m", "inputTokens": kept - long}, {"ttl": "1h", "inputTokens": long}]
    return counts | {name: count for name, count in more.items() if count}


def told(answer):
    counted = {"usage": usage(answer.usage)} if answer.usage else {}
    return counted | {"metrics": {"latencyMs": 371}, "serviceTier": {"type": "default"}}


def stop(answer):
    return STOP.get(answer.stop, answer.stop)


def whole(answer):
    message = {"role": "assistant", "content": list(blocks(answer))}
    made = {"output": {"message": message}, "stopReason": stop(answer)} | told(answer)
    body = json.loads(WRITER(MODEL.operation_model("Converse")).serialize(made)["body"])
    if answer.strewn:
        body["flavourOfTheDay"] = {"never": "heard of"}
    return serving.Reply(200, headers(answer) | {"content-type": "application/json"}, [json.dumps(body).encode()])


def events(answer):
    yield {"messageStart": {"role": "assistant"}}
    for index, block in enumerate(blocks(answer)):
        at = {"contentBlockIndex": index}
        if "toolUse" in block:
            begun = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
            yield {"contentBlockStart": {"start": {"toolUse": begun}} | at}
        for delta in deltas(block, answer):
            yield {"contentBlockDelta": {"delta": delta} | at}
        yield {"contentBlockStop": at}
    yield {"messageStop": {"stopReason": stop(answer)}}
    # Where nothing was counted, the stream ends without its last event, which has to say what was.
    if answer.usage:
        yield {"metadata": told(answer)}


def deltas(block, answer):
    if "reasoningContent" in block:
        for piece in pieces(THOUGHT):
            yield {"reasoningContent": {"text": piece}}
        yield {"reasoningContent": {"signature": SIGNATURE}}
    elif "toolUse" in block:
        number = int(block["toolUse"]["toolUseId"].rpartition("_")[2])
        for piece in pieces(answer.calls[number].raw):
            yield {"toolUse": {"input": piece}}
    else:
        for piece in pieces(block["text"]):
            yield {"text": piece}


def frame(event):
    return WRITER(MODEL.operation_model("ConverseStream")).serialize({"stream": [event]})["body"]


def streamed(answer):
    kind = {"content-type": "application/vnd.amazon.eventstream"}
    frames = [frame(event) for event in events(answer)]
    if answer.strewn:
        hummed = {":message-type": "event", ":event-type": "doubleHummed", ":content-type": "application/json"}
        frames.insert(2, EventStreamEncoder().encode_message(hummed, b'{"delta":{"text":"not yours"}}'))
    return serving.Reply(200, headers(answer) | kind, frames)


def failed(error, answer):
    """An exception that comes as a frame, once the answer has begun."""
    yield from map(frame, list(events(answer))[:2])
    headers = {":message-type": "exception", ":exception-type": error["name"], ":content-type": "application/json"}
    yield EventStreamEncoder().encode_message(headers, error["body"].encode())
