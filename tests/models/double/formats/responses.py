"""OpenAI's Responses."""

import json

import pydantic
from openai.types import responses as types

import serving
from cases import Asked, Call, Refusal, Refused, pieces
from formats import openai

EVENTS = pydantic.TypeAdapter(types.ResponseStreamEvent)
SEALED = "gAAAAABo-what-the-model-thought"
STATUS = {"length": "max_output_tokens", "content-filter": "content_filter"}


def judge(request, body):
    openai.judge("CreateResponse", body)
    openai.within_limits(request, body)


def read(request, body):
    asked = Asked(model=body["model"], streams=body.get("stream", False))
    asked.schema = body.get("text", {}).get("format", {}).get("schema")
    asked.tools = [tool["name"] for tool in body.get("tools") or [] if tool["type"] == "function"]
    asked.more = {
        name: body.get(name) for name in ("instructions", "max_output_tokens", "store", "temperature", "top_p")
    }
    asked.more["include"] = body.get("include") or []
    items = body["input"]
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    for item in items:
        take(asked, item)
    sealed = asked.case == "tools" and "reasoning.encrypted_content" in asked.more["include"]
    if asked.results and sealed and asked.echoed != [SEALED]:
        raise Refused(f"a call of a tool came back without its reasoning; sealed reasoning was {asked.echoed}")
    return asked


def take(asked, item):
    kind = item.get("type", "message")
    if kind == "function_call_output":
        if item["call_id"] != call_id(len(asked.results)):
            raise Refused(f"a result of call {item['call_id']}, where {call_id(len(asked.results))} is next")
        asked.results.append(said(item["output"]))
    elif kind == "function_call":
        asked.calls.append(item["arguments"])
    elif kind == "reasoning":
        asked.echoed.append(item.get("encrypted_content"))
    elif kind == "message" and item["role"] == "user":
        content = item["content"]
        for part in [{"type": "input_text", "text": content}] if isinstance(content, str) else content:
            attach(asked, part)


def attach(asked, part):
    if part["type"] == "input_text":
        asked.texts.append(part["text"])
    elif part["type"] == "input_image":
        asked.pictures.append(openai.data(part["image_url"]))
    elif part["type"] == "input_file":
        asked.documents.append(openai.data(part["file_data"]))


def said(output):
    return output if isinstance(output, str) else "".join(part["text"] for part in output)


def call_id(number):
    return f"call_{number}"


def items(answer):
    """What the whole answer holds."""
    sealed = {"encrypted_content": SEALED} if "reasoning.encrypted_content" in answer.more["include"] else {}
    if answer.thinks:
        yield {"id": "rs_0", "type": "reasoning", "summary": []} | sealed
    calls, words = answer.calls, [part for part in answer.parts if not isinstance(part, Call)]
    whole = answer.stop not in STATUS
    if words:
        content = [worded(part, part.text) for part in words]
        status = "completed" if whole else "incomplete"
        yield {"id": "msg_0", "type": "message", "status": status, "role": "assistant", "content": content}
    for number, call in enumerate(calls):
        named = {"type": "function_call", "call_id": call_id(number), "name": call.name, "arguments": call.raw}
        yield {"id": f"fc_{number}", "status": "completed"} | named


def worded(part, text):
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def response(answer, status, output, counted):
    more = answer.more
    reason = STATUS.get(answer.stop)
    made = {
        "id": f"resp_{answer.case}",
        "object": "response",
        "created_at": openai.WHEN,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if status == "incomplete" else None,
        "instructions": more["instructions"],
        "max_output_tokens": more["max_output_tokens"],
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "medium", "summary": None},
        "service_tier": "default" if counted else "auto",
        "store": bool(more["store"]),
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "metadata": {},
    }
    if counted and answer.usage:
        made["usage"] = usage(answer.usage)
    if answer.strewn:
        made["flavour_of_the_day"] = {"never": ["heard", "of"]}
    return made


def usage(told):
    kept = told["cache-write"], told["cache-write-long"]
    read = {"cached_tokens": told["cache-read"], "cache_write_tokens": kept[0]}
    if kept[1]:
        read["cache_write_tokens_details"] = {"ttl_30m_tokens": kept[0] - kept[1], "ttl_12h_tokens": kept[1]}
    total = told["input"] + told["cache-read"] + kept[0]
    return {
        "input_tokens": total,
        "input_tokens_details": read,
        "output_tokens": told["output"],
        "output_tokens_details": {"reasoning_tokens": told["reasoning"]},
        "total_tokens": total + told["output"],
    }


def final(answer):
    status = "incomplete" if answer.stop in STATUS else "completed"
    return response(answer, status, list(items(answer)), True)


def whole(answer):
    body = final(answer)
    types.Response.model_validate(body, strict=True)
    openai.judge("Response", body, openai.REPLIES)
    return serving.Reply(200, openai.headers(answer), [json.dumps(body).encode()])


def events(answer):
    """The stream, event by event."""
    yield {"type": "response.created", "response": response(answer, "in_progress", [], False)}
    yield {"type": "response.in_progress", "response": response(answer, "in_progress", [], False)}
    for index, item in enumerate(items(answer)):
        at = {"output_index": index}
        yield {"type": "response.output_item.added", "item": begun(item)} | at
        at["item_id"] = item["id"]
        if item["type"] == "message":
            for number, part in enumerate(item["content"]):
                yield from spoken(part, at | {"content_index": number}, answer.strewn)
        elif item["type"] == "function_call":
            for piece in pieces(item["arguments"]):
                yield {"type": "response.function_call_arguments.delta", "delta": piece} | at
            named = {"name": item["name"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done"} | named | at
        yield {"type": "response.output_item.done", "item": item, "output_index": index}
    end = final(answer)
    yield {"type": f"response.{end['status']}", "response": end}


def begun(item):
    empty = {"message": {"content": []}, "function_call": {"arguments": ""}}.get(item["type"])
    if empty is None:
        return {name: value for name, value in item.items() if name != "encrypted_content"}
    return item | empty | {"status": "in_progress"}


def spoken(part, at, strewn):
    field = "refusal" if part["type"] == "refusal" else "text"
    kind = "response.refusal" if field == "refusal" else "response.output_text"
    more = {} if field == "refusal" else {"logprobs": []}
    yield {"type": "response.content_part.added", "part": part | {field: ""}} | at
    for piece in pieces(part[field]):
        yield {"type": kind + ".delta", "delta": piece} | more | at
        if strewn:
            yield {"type": "response.double.hummed", "tune": piece, "part": {"text": "not yours"}}
    yield {"type": kind + ".done", field: part[field]} | more | at
    yield {"type": "response.content_part.done", "part": part} | at


def streamed(answer):
    written = []
    for number, event in enumerate(events(answer)):
        event["sequence_number"] = number
        if event["type"] != "response.double.hummed":
            EVENTS.validate_python(event)
            openai.judge("ResponseStreamEvent", event, openai.REPLIES)
        written.append(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    if answer.strewn:
        written.insert(1, b": a comment\n\n")
    return serving.Reply(200, openai.headers(answer, "text/event-stream; charset=utf-8"), written)


def failed(error, answer):
    """An error that comes as an event, once the answer has begun."""
    begun = list(events(answer))[:7]
    if "response" in error:
        error = error | {"response": response(answer, "failed", [], False) | error["response"]}
    for number, event in enumerate([*begun, error]):
        event["sequence_number"] = number
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
