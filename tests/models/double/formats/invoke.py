"""Bedrock's InvokeModel, for the vectors of Cohere's models. Cohere's SDK has to write the same body."""

import functools
import json
import typing
import urllib.parse

import cohere
import httpx

import serving
from carriers import replaced
from cases import CASES, Refused
from formats import vectors

HINTS = typing.get_type_hints(cohere.ClientV2.embed)


class Written(BaseException):
    """What Cohere's SDK would have sent."""


def judge(request, body):
    for name, value in body.items():
        allowed = words(HINTS.get(name))
        if allowed and value not in allowed:
            raise Refused(f"{name} is {value!r} and none of {allowed}")
    try:
        writer().embed(model="m", **body)
    except Written as written:
        if json.loads(written.args[0]) != body:
            raise Refused(f"Cohere's SDK writes {written}") from None
    except TypeError as error:
        raise Refused(f"Cohere's SDK does not write it: {error}") from None


@functools.cache
def writer():
    client = cohere.BedrockClientV2(aws_region="eu-central-1", aws_access_key="AKID", aws_secret_key="secret")
    replaced(client, httpx.MockTransport(kept))
    return client


def kept(request):
    raise Written(request.content)


def words(hint):
    """The texts that a type names."""
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    return tuple(word for part in typing.get_args(hint) for word in words(part))


def read(request, body):
    model = urllib.parse.unquote(request.path.split("/")[2])
    return vectors.asked(model, body["texts"], body.get("output_dimension"))


def whole(answer):
    shown = {"float": CASES["embed"]["vectors"]}
    body = {"id": "double-embed", "response_type": "embeddings_by_type", "embeddings": shown}
    body["texts"] = answer.more["texts"]
    headers = {"x-amzn-requestid": "double-embed", "x-amzn-bedrock-input-token-count": str(answer.usage["input"])}
    return serving.Reply(200, {"content-type": "application/json"} | headers, [json.dumps(body).encode()])
