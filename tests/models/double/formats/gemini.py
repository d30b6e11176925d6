"""Google's generateContent, on Vertex AI."""

import base64
import json
import pathlib
import re

import jsonschema
from google.genai import types

import serving
from cases import Asked, Call, Refused, pieces

SCHEMA = json.loads(
    (pathlib.Path(__file__).resolve().parents[4] / "models/src/dialect/gemini/exchanges/schema.json").read_text()
)
SIGNATURE = "c2lnbmVkLWJ5LXRoZS1kb3VibGU="
FINISH = {"end": "STOP", "tool-calls": "STOP", "length": "MAX_TOKENS", "content-filter": "SAFETY"}


# What stands in these is the user's own.
FREE = ("args", "response", "parametersJsonSchema", "responseJsonSchema", "labels")


def camel(node):
    """The body with every field in its JSON name; Google's servers take the names of its protocol buffers too."""
    if isinstance(node, list):
        return [camel(one) for one in node]
    if not isinstance(node, dict):
        return node
    named = {re.sub("_([a-z])", lambda found: found[1].upper(), name): value for name, value in node.items()}
    return {name: value if name in FREE else camel(value) for name, value in named.items()}


def judge(request, body):
    body = camel(body)
    validator = jsonschema.Draft202012Validator(SCHEMA | {"$ref": "#/$defs/GenerateContentRequest"})
    fault = jsonschema.exceptions.best_match(validator.iter_errors(body))
    if fault:
        raise Refused(f"Google's description does not allow it: {fault.json_path}: {fault.message[:500]}")


def read(request, body):
    body = camel(body)
    asked = Asked(model=request.path.split("/models/")[1].split(":")[0], streams=":streamGenerate" in request.path)
    config = body.get("generationConfig") or {}
    if config.get("responseMimeType") == "application/json":
        asked.schema = config.get("responseJsonSchema") or config.get("responseSchema")
    for tool in body.get("tools") or []:
        asked.tools += [function["name"] for function in tool.get("functionDeclarations") or []]
    for content in body["contents"]:
        for part in content["parts"]:
            take(asked, content.get("role", "user"), part)
    wanted = len(asked.calls) * [None]
    wanted[:1] = [SIGNATURE] if wanted else []
    if asked.results and asked.echoed != wanted:
        raise Refused(f"the calls came back with these signatures of thoughts: {asked.echoed}")
    return asked


def take(asked, role, part):
    if "functionCall" in part:
        call = part["functionCall"]
        asked.calls.append(call.get("args") or {})
        asked.echoed.append(part.get("thoughtSignature"))
    elif "functionResponse" in part:
        answered = part["functionResponse"]
        if (
            answered["name"] != "weather"
            or asked.case == "parallel"
            and answered.get("id") != call_id(len(asked.results))
        ):
            raise Refused(f"a result of {answered['name']} {answered.get('id')}, which is not the next call")
        given = answered["response"]
        asked.results.append(str(given.get("output", given.get("result"))))
    elif "inlineData" in part:
        media, data = part["inlineData"]["mimeType"], base64.b64decode(part["inlineData"]["data"], validate=True)
        (asked.pictures if media.startswith("image/") else asked.documents).append((media, data))
    elif "text" in part and role == "user":
        asked.texts.append(part["text"])


def call_id(number):
    return f"call-{number}"


def parts(answer):
    """The parts. Only the first of several calls is signed; those of the case `tools` have no identifier."""
    if answer.thinks:
        yield {"text": "**Looking up the weather**", "thought": True}
    for part in answer.parts:
        if not isinstance(part, Call):
            yield {"text": part.text}
            continue
        number = answer.calls.index(part)
        call = {"name": part.name, "args": part.arguments}
        if answer.case == "parallel":
            call["id"] = call_id(number)
        yield {"functionCall": call} | ({"thoughtSignature": SIGNATURE} if number == 0 else {})


def response(answer, said, finish=None, counted=False):
    content = {"role": "model"} | ({"parts": said} if said else {})
    candidate = {"index": 0, "content": content}
    if finish:
        candidate["finishReason"] = finish
        candidate |= rated(finish)
    made = {"candidates": [candidate], "modelVersion": answer.model, "responseId": f"double-{answer.case}"}
    made["createTime"] = "2026-11-18T12:26:40.000000Z"
    if answer.usage:
        made["usageMetadata"] = usage(answer.usage) if counted else {"trafficType": "ON_DEMAND"}
    return made | ({"flavourOfTheDay": {"never": "heard of"}} if answer.strewn else {})


def rated(finish):
    if finish == "MALFORMED_FUNCTION_CALL":
        return {"finishMessage": "Malformed function call: weather(place=Oslo"}
    rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
    return {"safetyRatings": [rating]} if finish == "SAFETY" else {}


def usage(told):
    prompt = told["input"] + told["cache-read"]
    made = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": told["output"] - told["reasoning"],
        "totalTokenCount": prompt + told["output"],
        "trafficType": "ON_DEMAND",
    }
    counts = {"cachedContentTokenCount": told["cache-read"], "thoughtsTokenCount": told["reasoning"]}
    return made | {name: count for name, count in counts.items() if count}


def finish(answer):
    return FINISH.get(answer.stop, answer.stop)


def checked(body):
    known = {name: value for name, value in body.items() if name != "flavourOfTheDay"}
    types.GenerateContentResponse.model_validate(known)
    return body


def whole(answer):
    body = checked(response(answer, list(parts(answer)), finish(answer), True))
    return serving.Reply(200, {"content-type": "application/json"}, [json.dumps(body).encode()])


def bodies(answer):
    for part in parts(answer):
        if set(part) == {"text"}:
            for piece in pieces(part["text"]):
                yield response(answer, [{"text": piece}])
        else:
            yield response(answer, [part])
    # The last piece says nothing more, and why.
    yield response(answer, [{"text": ""}] if answer.parts else [], finish(answer), True)


def streamed(answer):
    written = [f"data: {json.dumps(checked(body))}\r\n\r\n".encode() for body in bodies(answer)]
    return serving.Reply(200, {"content-type": "text/event-stream"}, written)


def failed(error, answer):
    """An error that comes as an event, once the answer has begun."""
    for body in [*list(bodies(answer))[:1], error]:
        yield f"data: {json.dumps(body)}\r\n\r\n".encode()


def instead(body, answer, streams):
    """An answer after status 200 that says that there is none."""
    body = checked({"modelVersion": answer.model, "responseId": f"double-{answer.case}"} | body)
    if streams:
        return serving.Reply(200, {"content-type": "text/event-stream"}, [f"data: {json.dumps(body)}\r\n\r\n".encode()])
    return serving.Reply(200, {"content-type": "application/json"}, [json.dumps(body).encode()])
