"""Bedrock's InvokeModel, for vectors, whose body each model chooses.

Cohere's SDK has to write the same body for its models, and langchain-aws for Titan and Nova.
"""

import functools
import json
import pathlib
import sys
import typing
import urllib.parse

import cohere
import httpx

import serving
from carriers import replaced
from cases import CASES, Refused
from formats import vectors

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2]))
from native import judge as native  # noqa: E402

HINTS = typing.get_type_hints(cohere.ClientV2.embed)


class Written(BaseException):
    """What Cohere's SDK would have sent."""


class Cohere:
    """Several texts at once."""

    @staticmethod
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

    @staticmethod
    def read(body):
        return body["texts"], body.get("output_dimension")

    @staticmethod
    def whole(answer, made):
        body = {"id": "double-embed", "response_type": "embeddings_by_type", "embeddings": {"float": made}}
        return body | {"texts": answer.more["texts"]}


class Amazon:
    """One text, by what langchain-aws writes."""

    @staticmethod
    def judge(request, body):
        try:
            native.Invoke().judge({"path": request.path, "body": body})
        except Exception as error:
            raise Refused(f"langchain-aws does not write it: {error!r}") from None


class Titan(Amazon):
    @staticmethod
    def read(body):
        return [body["inputText"]], body.get("dimensions")

    @staticmethod
    def whole(answer, made):
        [vector] = made
        return {"embedding": vector, "embeddingsByType": {"float": vector}, "inputTextTokenCount": answer.usage["input"]}


class Nova(Amazon):
    @staticmethod
    def read(body):
        asked = body["singleEmbeddingParams"]
        return [asked["text"]["value"]], asked.get("embeddingDimension")

    @staticmethod
    def whole(answer, made):
        return {"embeddings": [{"embeddingType": "TEXT", "embedding": vector} for vector in made]}


BODIES = {"cohere.": Cohere, "titan-embed": Titan, "nova-": Nova}


def of(model):
    """What writes the bodies of a model."""
    for part, body in BODIES.items():
        if part in model:
            return body
    raise Refused(f"no library here writes bodies for {model}")


def judge(request, body):
    of(model(request)).judge(request, body)


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


def model(request):
    return urllib.parse.unquote(request.path.split("/")[2])


def read(request, body):
    texts, dimensions = of(model(request)).read(body)
    return vectors.asked(model(request), texts, dimensions)


def whole(answer):
    body = of(answer.model).whole(answer, CASES[answer.case]["vectors"])
    headers = {"x-amzn-requestid": "double-embed", "x-amzn-bedrock-input-token-count": str(answer.usage["input"])}
    return serving.Reply(200, {"content-type": "application/json"} | headers, [json.dumps(body).encode()])
