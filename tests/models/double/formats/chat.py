"""OpenAI's Chat Completions, and what others add to them."""

import copy
import json

from openai.types.chat import ChatCompletion, ChatCompletionChunk

import serving
from cases import Asked, Call, Refusal, Refused, pieces
from formats import openai

FINISH = {
    "end": "stop",
    "tool-calls": "tool_calls",
    "length": "length",
    "content-filter": "content_filter",
    "refusal": "stop",
}
# Gemini signs its thoughts in this format too, beside the first of its calls, and refuses one that comes back without.
SIGNED = {"google": {"thought_signature": "c2lnbmVkLWJ5LXRoZS1kb3VibGU="}}

# Azure says what its filters found: of the prompt in a chunk of its own, which names no model, and of each choice.
FOUND = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "safe"}}
OF_PROMPT = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": FOUND}]}
OF_CHOICE = {"content_filter_results": FOUND}
NAMELESS = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "usage": None}


def is_gemini(host):
    return host.endswith(".googleapis.com")


def calls(message):
    return message.get("tool_calls") or []


def judge(request, body):
    known = copy.deepcopy(body)
    for message in known["messages"] if is_gemini(request.host) else []:
        for call in calls(message):
            call.pop("extra_content", None)
    openai.judge("CreateChatCompletionRequest", known)
    openai.within_limits(request, body)


def read(request, body):
    asked = Asked(model=body["model"], streams=body.get("stream") or False)
    asked.schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    asked.tools = [tool["function"]["name"] for tool in body.get("tools") or [] if tool["type"] == "function"]
    asked.more = {"counts": (body.get("stream_options") or {}).get("include_usage", False)}
    for message in body["messages"]:
        take(asked, message)
    if is_gemini(request.host) and asked.results and asked.echoed[:1] != [SIGNED]:
        raise Refused(
            "Function call is missing a thought_signature: the first call has to come back with the `extra_content` "
            f"that it was answered with, and came with {asked.echoed[:1]}"
        )
    return asked


def take(asked, message):
    content = message.get("content")
    if message["role"] == "tool":
        if message["tool_call_id"] != call_id(len(asked.results)):
            raise Refused(f"a result of call {message['tool_call_id']}, where {call_id(len(asked.results))} is next")
        asked.results.append(content if isinstance(content, str) else "".join(part["text"] for part in content))
    elif message["role"] == "assistant":
        asked.calls += [call["function"]["arguments"] for call in calls(message)]
        asked.echoed += [call.get("extra_content") for call in calls(message)]
    elif message["role"] == "user":
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            attach(asked, part)


def attach(asked, part):
    if part["type"] == "text":
        asked.texts.append(part["text"])
    elif part["type"] == "image_url":
        asked.pictures.append(openai.data(part["image_url"]["url"]))
    elif part["type"] == "file":
        asked.documents.append(openai.data(part["file"]["file_data"]))


def call_id(number):
    return f"call_{number}"


def head(answer, kind):
    made = {"id": f"chatcmpl-{answer.case}", "object": kind, "created": openai.WHEN, "model": answer.model}
    if answer.provider != "compatible":
        made |= {"service_tier": "default", "system_fingerprint": "fp_double"}
    return made | ({"flavour_of_the_day": [1, {"two": None}]} if answer.strewn else {})


def usage(told):
    read = {"cached_tokens": told["cache-read"], "cache_write_tokens": told["cache-write"], "audio_tokens": 0}
    total = told["input"] + told["cache-read"] + told["cache-write"]
    return {
        "prompt_tokens": total,
        "completion_tokens": told["output"],
        "total_tokens": total + told["output"],
        "prompt_tokens_details": read,
        "completion_tokens_details": {"reasoning_tokens": told["reasoning"], "audio_tokens": 0},
    }


def words(answer, kind):
    found = [part.text for part in answer.parts if isinstance(part, kind)]
    return "".join(found) if found else None


def whole(answer):
    refused = words(answer, Refusal)
    message = {"role": "assistant", "content": said(answer), "refusal": refused, "annotations": []}
    called = [
        named(answer, number) | {"function": {"name": call.name, "arguments": call.raw}}
        for number, call in enumerate(answer.calls)
    ]
    if called:
        message["tool_calls"] = called
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH[answer.stop]} | filtered(answer)
    body = head(answer, "chat.completion") | {"choices": [choice]} | (OF_PROMPT if answer.provider == "azure" else {})
    if answer.usage:
        body["usage"] = usage(answer.usage)
    ChatCompletion.model_validate(body, strict=True)
    openai.judge("CreateChatCompletionResponse", body, openai.REPLIES)
    return serving.Reply(200, openai.headers(answer), [json.dumps(body).encode()])


def filtered(answer):
    return OF_CHOICE if answer.provider == "azure" else {}


def named(answer, number):
    """A call of a tool without what is called."""
    made = {"id": call_id(number), "type": "function"}
    return made | ({"extra_content": SIGNED} if answer.provider == "vertex" and number == 0 else {})


def said(answer):
    found = [part.text for part in answer.parts if not isinstance(part, (Call, Refusal))]
    return "".join(found) if found else None


def deltas(answer):
    yield {"role": "assistant", "content": None if answer.calls else "", "refusal": None}
    if answer.strewn and answer.provider == "compatible":
        # So vLLM and others show what the model thinks.
        yield {"reasoning_content": "They ask for a capital."}
    for field, text in (("content", said(answer)), ("refusal", words(answer, Refusal))):
        for piece in pieces(text or ""):
            yield {field: piece} | ({"hummed": piece} if answer.strewn else {})
    for number, call in enumerate(answer.calls):
        begun = {"index": number} | named(answer, number) | {"function": {"name": call.name, "arguments": ""}}
        yield {"tool_calls": [begun]}
        for piece in pieces(call.raw):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}


def chunks(answer):
    counts = answer.more["counts"] and answer.usage
    same = head(answer, "chat.completion.chunk") | ({"usage": None} if counts else {}) | {"obfuscation": "x9Qk"}
    for delta in deltas(answer):
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None} | filtered(answer)
        yield same | {"choices": [choice]}
    yield same | {"choices": [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": FINISH[answer.stop]}]}
    if counts:
        yield same | {"choices": [], "usage": usage(answer.usage)}


def streamed(answer):
    written = []
    for chunk in chunks(answer):
        ChatCompletionChunk.model_validate(chunk, strict=True)
        openai.judge("CreateChatCompletionStreamResponse", chunk, openai.REPLIES)
        written.append(f"data: {json.dumps(chunk)}\n\n".encode())
    if answer.provider == "azure":
        written.insert(0, f"data: {json.dumps(NAMELESS | OF_PROMPT)}\n\n".encode())
    if answer.strewn:
        written.insert(1, b': a comment\n\nevent: double.hummed\ndata: {"choices":[]}\n\n')
    written.append(b"data: [DONE]\n\n")
    return serving.Reply(200, openai.headers(answer, "text/event-stream; charset=utf-8"), written)


def failed(error, answer):
    """An error that comes as an event, once the answer has begun."""
    for chunk in list(chunks(answer))[:2]:
        yield f"data: {json.dumps(chunk)}\n\n".encode()
    yield f"data: {json.dumps(error)}\n\n".encode()
