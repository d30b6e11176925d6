"""OpenAI's embeddings."""

import base64
import json
import struct

from openai.types import CreateEmbeddingResponse

import serving
from cases import CASES
from formats import openai, vectors


def judge(request, body):
    openai.judge("CreateEmbeddingRequest", body)


def read(request, body):
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    return vectors.asked(body["model"], texts, body.get("dimensions"), encoding=body.get("encoding_format", "float"))


def whole(answer):
    vectors = CASES["embed"]["vectors"]
    if answer.more["encoding"] == "base64":
        shown = [base64.b64encode(struct.pack("<4f", *vector)).decode() for vector in vectors]
    else:
        shown = vectors
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(shown)]
    count = answer.usage["input"]
    usage = {"prompt_tokens": count, "total_tokens": count}
    body = {"object": "list", "data": data, "model": answer.model, "usage": usage}
    if answer.more["encoding"] == "float":
        CreateEmbeddingResponse.model_validate(body, strict=True)
        openai.judge("CreateEmbeddingResponse", body, openai.REPLIES)
    return serving.Reply(200, openai.headers(answer), [json.dumps(body).encode()])
