#!/usr/bin/env python3
"""Judges the requests that the tests of models keep, by other people's descriptions of the formats. usage: judge.py

Converse: botocore validates the parameters and writes the request itself, which has to come out the same, path and body.
Messages: the SDK's types, closed to what they do not name. InvokeModel: langchain-aws writes the body of the same texts.
Then each judge gets requests with one thing wrong, and has to say no to every one.
"""

import base64
import copy
import importlib
import io
import json
import pathlib
import pkgutil
import sys
import urllib.parse

import anthropic.types
import botocore.serialize
import botocore.session
import pydantic
from anthropic.types import message_create_params
from langchain_aws import BedrockEmbeddings
from typing_extensions import is_typeddict

DIALECTS = pathlib.Path(__file__).resolve().parents[3] / "models/src/dialect"


def kept(dialect):
    """The requests by name, without what was not sent."""
    text = (DIALECTS / dialect / "exchanges/requests.snap").read_text()
    requests = json.loads(text.split("\n---\n", 1)[1])
    return {name: request for name, request in requests.items() if "body" in request}


class Converse:
    PREFIX, SUFFIX = "/model/", "/converse-stream"

    def __init__(self):
        service = botocore.session.get_session().get_service_model("bedrock-runtime")
        self.operation = service.operation_model("ConverseStream")
        self.serializer = botocore.serialize.create_serializer("rest-json", include_validation=True)

    def parameters(self, shape, value):
        """What botocore takes for what JSON says: bytes instead of base64."""
        if shape.type_name == "blob":
            return base64.b64decode(value, validate=True)
        if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
            members = shape.members
            return {name: self.parameters(members[name], child) if name in members else child for name, child in value.items()}
        if shape.type_name == "list":
            return [self.parameters(shape.member, child) for child in value]
        return value

    def judge(self, request):
        name = request["path"].removeprefix(self.PREFIX).removesuffix(self.SUFFIX)
        parameters = self.parameters(self.operation.input_shape, request["body"])
        parameters["modelId"] = urllib.parse.unquote(name)
        written = self.serializer.serialize_to_request(parameters, self.operation)
        if written["url_path"] != request["path"]:
            raise ValueError(f"path {written['url_path']}")
        if json.loads(written["body"]) != request["body"]:
            raise ValueError(f"body {written['body']}")


class Messages:
    def __init__(self):
        for module in pkgutil.iter_modules(anthropic.types.__path__):
            for value in vars(importlib.import_module(f"anthropic.types.{module.name}")).values():
                if is_typeddict(value):
                    value.__pydantic_config__ = pydantic.ConfigDict(
                        extra="forbid", strict=True, arbitrary_types_allowed=True
                    )
        self.types = pydantic.TypeAdapter(message_create_params.MessageCreateParamsStreaming)
        self.whole = pydantic.TypeAdapter(message_create_params.MessageCreateParamsNonStreaming)

    def read(self, value):
        """Everything in it: what is iterable is validated only when somebody looks."""
        if isinstance(value, dict):
            return {name: self.read(child) for name, child in value.items()}
        if isinstance(value, pydantic.BaseModel):
            raise ValueError(f"{value!r} can only be answered")
        if isinstance(value, (str, bytes, int, float)) or value is None:
            return value
        return [self.read(child) for child in value]

    def judge(self, request):
        if request["headers"] != {"anthropic-version": "2023-06-01"} or request["path"] != "/v1/messages":
            raise ValueError("address")
        self.judge_body(request["body"])

    def judge_body(self, body):
        body = dict(body)
        # Version 2023-06-01 takes a temperature from 0 to 1; the SDK speaks 2026-10-21, which has none.
        if not 0 <= body.pop("temperature", 0) <= 1:
            raise ValueError("temperature")
        types = self.types if body.get("stream") else self.whole
        self.read(types.validate_python(body))


class Invoke:
    """Vectors of Bedrock. What is written of texts that are too long, and of Nova's purpose, langchain-aws cannot be told:
    there the words of Nova's guide count.
    """

    PREFIX, SUFFIX = "/model/", "/invoke"
    TRUNCATION = ("NONE", "START", "END")
    PURPOSES = ("GENERIC_INDEX", "GENERIC_RETRIEVAL")

    def judge(self, request):
        model = urllib.parse.unquote(request["path"].removeprefix(self.PREFIX).removesuffix(self.SUFFIX))
        if request["path"] != f"{self.PREFIX}{urllib.parse.quote(model, safe='')}{self.SUFFIX}":
            raise ValueError("path")
        body = copy.deepcopy(request["body"])
        if (truncation := body.pop("truncate", "END")) not in self.TRUNCATION:
            raise ValueError(truncation)
        nova = body.get("singleEmbeddingParams")
        if nova:
            if nova["embeddingPurpose"] not in self.PURPOSES or nova["text"]["truncationMode"] not in self.TRUNCATION:
                raise ValueError("Nova has no such word")
            nova["embeddingPurpose"], nova["text"]["truncationMode"] = "GENERIC_INDEX", "END"
        if (theirs := self.written(model, body, nova or body)) != body:
            raise ValueError(f"body {theirs}")

    def written(self, model, body, asked):
        sizes = [asked[name] for name in ("output_dimension", "dimensions", "embeddingDimension") if name in asked]
        self.bodies = []
        writer = BedrockEmbeddings(client=self, model_id=model, dimensions=sizes[0] if sizes else None)
        texts = body.get("texts") or [asked["text"]["value"] if "text" in asked else asked["inputText"]]
        if body.get("input_type") == "search_query":
            writer.embed_query(*texts)
        else:
            writer.embed_documents(texts)
        [body] = self.bodies
        return body

    def invoke_model(self, body, **_):
        """What the writer takes for Amazon's client."""
        self.bodies.append(json.loads(body))
        vector = [0.5]
        told = {"embeddings": [vector]} if "texts" in body else {"embedding": vector, "embeddings": [{"embedding": vector}]}
        return {"body": io.BytesIO(json.dumps(told).encode())}


def changed(request, path, value):
    """The request with one thing changed, or taken away where the value is `...`."""
    request = copy.deepcopy(request)
    *way, last = path
    place = request
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return request


FIRST = ("body", "messages", 0, "content", 0)
WRONG = {
    "converse": [
        ("plain", ("path",), "/model/acme.model-1/v1:0/converse-stream"),
        ("plain", ("body", "modelId"), "x"),
        ("plain", (*FIRST, "type"), "text"),
        ("plain", (*FIRST, "text"), 1),
        ("everything", ("body", "inferenceConfig", "temperature"), -0.5),
        ("everything", ("body", "toolConfig", "tools", 0, "toolSpec", "inputSchema"), ...),
        ("everything", ("body", "outputConfig", "textFormat", "structure", "jsonSchema", "schema"), {}),
        ("everything", ("body", "requestMetadata", ""), "x"),
        ("conversation", ("body", "messages", 1, "content", 2, "toolUse", "input"), ...),
        ("attachments", ("body", "messages", 0, "content", 1, "image", "source", "bytes"), "not base64"),
        ("attachments", ("body", "messages", 0, "content", 3, "document", "name"), ""),
    ],
    "messages": [
        ("plain", ("body", "max_tokens"), ...),
        ("plain", ("body", "model"), ...),
        ("plain", ("body", "maxTokens"), 5),
        ("plain", ("headers",), {}),
        ("plain", (*FIRST, "type"), "words"),
        ("plain", (*FIRST, "thought"), True),
        ("everything", ("body", "temperature"), 1.5),
        ("everything", ("body", "tools", 0, "input_schema"), "{}"),
        ("everything", ("body", "output_config", "effort"), "minimal"),
        ("everything", ("body", "service_tier"), "priority"),
        ("everything", ("body", "system", 0, "cache_control", "ttl"), "2h"),
        ("conversation", ("body", "messages", 1, "content", 2, "input"), "{}"),
        ("conversation", ("body", "messages", 2, "content", 0, "tool_use_id"), ...),
        ("attachments", ("body", "messages", 0, "content", 1, "source", "media_type"), "image/bmp"),
    ],
    "invoke": [
        ("cohere", ("path",), "/model/eu.cohere.embed-v4:0/invoke"),
        ("cohere", ("body", "input_type"), ...),
        ("cohere", ("body", "truncate"), "LATE"),
        ("cohere sized", ("body", "dimensions"), 256),
        ("cohere 3", ("body", "output_dimension"), 1024),
        ("titan", ("body", "texts"), ["Oslo"]),
        ("titan sized", ("body", "output_dimension"), 256),
        ("nova", ("body", "taskType"), ...),
        ("nova", ("body", "singleEmbeddingParams", "embeddingPurpose"), "INDEX"),
        ("nova sized", ("body", "singleEmbeddingParams", "dimensions"), 256),
    ],
}


def main():
    faults = []
    for dialect, judge in (("converse", Converse()), ("messages", Messages()), ("invoke", Invoke())):
        requests = kept(dialect)
        for name, request in requests.items():
            try:
                judge.judge(request)
            except Exception as error:
                faults.append(f"{dialect}, {name}: {error}")
        for name, path, value in WRONG[dialect]:
            try:
                judge.judge(changed(requests[name], path, value))
                faults.append(f"{dialect}, {name}: taken although {path} is {value}")
            except (KeyError, IndexError):
                faults.append(f"{dialect}, {name}: nothing at {path}")
            except Exception:
                pass
        print(f"{dialect}: {len(requests)} requests, {len(WRONG[dialect])} wrong ones")
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
