"""Anthropic's Messages: its own, and as Amazon, Google and Microsoft serve it."""

import base64
import json
import pathlib
import sys

import pydantic
from anthropic import types

import serving
from cases import Asked, Call, Refused, pieces

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2]))
from native import judge as native  # noqa: E402

TYPES = native.Messages()
EVENTS = pydantic.TypeAdapter(types.RawMessageStreamEvent)
SIGNATURE = "c2lnbmVkLWJ5LXRoZS1kb3VibGU="
THOUGHT = "I need the weather."
STOP = {"end": "end_turn", "tool-calls": "tool_use", "length": "max_tokens", "refusal": "refusal"}
STOP["window"] = "model_context_window_exceeded"
# The older one is the documentation's, the newer one that of the SDK.
VERSIONS = ("2023-06-01", "2026-10-21")
VERTEX_VERSIONS = ("vertex-2023-10-16", "2026-10-21")


def is_vertex(request):
    return "/publishers/anthropic/" in request.path


def judge(request, body):
    body = dict(body)
    if is_vertex(request):
        if body.pop("anthropic_version", None) not in VERTEX_VERSIONS or "model" in body:
            raise Refused(f"Vertex AI needs `anthropic_version` to be one of {VERTEX_VERSIONS}, and no `model`")
        body["model"] = "of-the-path"
        if request.path.endswith(":streamRawPredict") != bool(body.get("stream")):
            raise Refused("`stream` contradicts the path")
    elif request.headers.get("anthropic-version") not in VERSIONS:
        raise Refused(f"the header `anthropic-version` has to be one of {VERSIONS}")
    try:
        TYPES.judge_body(body)
    except Exception as error:
        raise Refused(f"the types of Anthropic's SDK do not allow it: {str(error)[:700]}") from None


def read(request, body):
    model = request.path.split("/models/")[1].split(":")[0] if is_vertex(request) else body["model"]
    asked = Asked(model=model, streams=bool(body.get("stream")))
    asked.schema = (body.get("output_config") or {}).get("format", {}).get("schema")
    asked.tools = [tool["name"] for tool in body.get("tools") or []]
    asked.more = {"geo": body.get("inference_geo")}
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            take(asked, message["role"], block)
    if asked.case == "tools" and asked.results and asked.echoed != [(THOUGHT, SIGNATURE)]:
        raise Refused(f"a call of a tool came back without the thinking before it, or with another: {asked.echoed}")
    return asked


def take(asked, role, block):
    kind = block["type"]
    if kind == "text" and role == "user":
        asked.texts.append(block["text"])
    elif kind in ("image", "document"):
        source = block["source"]
        found = asked.pictures if kind == "image" else asked.documents
        found.append((source["media_type"], base64.b64decode(source["data"], validate=True)))
    elif kind == "thinking":
        asked.echoed.append((block["thinking"], block["signature"]))
    elif kind == "tool_use":
        asked.calls.append(block["input"])
    elif kind == "tool_result":
        if block["tool_use_id"] != call_id(len(asked.results)):
            raise Refused(f"a result of {block['tool_use_id']}, where {call_id(len(asked.results))} is next")
        content = block.get("content", "")
        asked.results.append(content if isinstance(content, str) else "".join(part["text"] for part in content))


def call_id(number):
    return f"toolu_{number:02}"


def headers(answer, kind="application/json"):
    name = "double-" + answer.case
    by = {"bedrock": {"x-amzn-requestid": name}, "azure": {"apim-request-id": name, "request-id": name}, "vertex": {}}
    return {"content-type": kind} | by.get(answer.provider, {"request-id": name})


def blocks(answer):
    if answer.thinks:
        yield {"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE}
    for part in answer.parts:
        if isinstance(part, Call):
            id = call_id(len([call for call in answer.calls if call.number < part.number]))
            yield {
                "type": "tool_use",
                "id": id,
                "name": part.name,
                "input": part.arguments,
                "caller": {"type": "direct"},
            }
        else:
            yield {"type": "text", "text": part.text, "citations": None}


def message(answer, content, stop, usage):
    made = {
        "id": f"msg_{answer.case}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details(stop),
        "container": None,
        "usage": usage,
    }
    return made | ({"flavour_of_the_day": {"a": 1}} if answer.strewn else {})


def details(stop):
    return {"type": "refusal", "category": "bio", "explanation": None} if stop == "refusal" else None


def usage(answer):
    told = answer.usage
    long = told["cache-write-long"]
    geo = answer.region or answer.more["geo"] or "not_available"
    return {
        "input_tokens": told["input"],
        "cache_creation_input_tokens": told["cache-write"],
        "cache_read_input_tokens": told["cache-read"],
        "cache_creation": {"ephemeral_5m_input_tokens": told["cache-write"] - long, "ephemeral_1h_input_tokens": long},
        "output_tokens": told["output"],
        "output_tokens_details": {"thinking_tokens": told["reasoning"]},
        "service_tier": "standard",
    } | ({"inference_geo": geo} if answer.provider in ("anthropic", "claude-aws") else {})


def whole(answer):
    if answer.case == "arguments":
        raise Refused("unstreamed arguments are JSON in this format; ask for a stream")
    body = message(answer, list(blocks(answer)), STOP[answer.stop], usage(answer))
    types.Message.model_validate(body, strict=True)
    return serving.Reply(200, headers(answer), [json.dumps(body).encode()])


def events(answer):
    counted = usage(answer)
    begun = counted | {"output_tokens": 1}
    begun.pop("output_tokens_details")
    yield {"type": "message_start", "message": message(answer, [], None, begun)}
    yield {"type": "ping"}
    for index, block in enumerate(blocks(answer)):
        yield from written(index, block, answer)
    delta = {"stop_reason": STOP[answer.stop], "stop_sequence": None, "stop_details": details(STOP[answer.stop])}
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    total = {name: counted[name] for name in (*names, "output_tokens_details")}
    yield {"type": "message_delta", "delta": delta | {"container": None}, "usage": total}
    yield {"type": "message_stop"}


def written(index, block, answer):
    empty = {"text": {"text": ""}, "tool_use": {"input": {}}, "thinking": {"thinking": "", "signature": ""}}
    yield {"type": "content_block_start", "index": index, "content_block": block | empty[block["type"]]}
    for delta in deltas(block, answer):
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        if answer.strewn:
            yield {"type": "double_hummed", "index": index, "delta": {"type": "hum", "text": "not yours"}}
    yield {"type": "content_block_stop", "index": index}


def deltas(block, answer):
    if block["type"] == "thinking":
        for piece in pieces(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "text":
        for piece in pieces(block["text"]):
            yield {"type": "text_delta", "text": piece}
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        raw = answer.calls[int(block["id"].rpartition("_")[2])].raw
        for piece in pieces(raw):
            yield {"type": "input_json_delta", "partial_json": piece}


def line(event):
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def streamed(answer):
    lines = []
    for event in events(answer):
        if event["type"] not in ("ping", "double_hummed"):
            EVENTS.validate_python(event, strict=True)
        lines.append(line(event))
    return serving.Reply(200, headers(answer, "text/event-stream; charset=utf-8"), lines)


def failed(error, answer):
    """An error that comes as an event, once the answer has begun."""
    yield from map(line, list(events(answer))[:4])
    yield line(error)
