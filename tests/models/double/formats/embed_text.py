"""Oracle's EmbedText, by the types of Oracle's SDK."""

import json

from oci.generative_ai_inference.models import EmbedTextDetails

import serving
from carriers import Catcher
from cases import CASES, Refused
from formats import vectors
from sdks import of_oracle

TYPES = of_oracle().make({"region": "eu-frankfurt-1"}, Catcher()).base_client


def judge(request, body):
    try:
        details = typed(body, "EmbedTextDetails")
    except Exception as error:
        raise Refused(f"Oracle's SDK does not read it: {error!r}") from None
    if (theirs := written(details)) != body:
        raise Refused(f"Oracle's SDK writes {theirs}")
    for name, field in details.attribute_map.items():
        if "[Required]" in getattr(EmbedTextDetails, name).fget.__doc__ and field not in body:
            raise Refused(f"{field} is required")


def typed(body, kind):
    return TYPES.deserialize_response_data(json.dumps(body).encode(), kind)


def written(details):
    return json.loads(json.dumps(TYPES.sanitize_for_serialization(details, type(details).__name__)))


def read(request, body):
    return vectors.asked(body["servingMode"].get("modelId"), body["inputs"], body.get("outputDimensions"))


def whole(answer):
    count = answer.usage["input"]
    body = {
        "id": "double-embed",
        "embeddings": CASES["embed"]["vectors"],
        "modelId": answer.model,
        "modelVersion": "4.0",
        "usage": {"completionTokens": 0, "promptTokens": count, "totalTokens": count},
    }
    assert written(typed(body, "EmbedTextResult")) == body
    headers = {"content-type": "application/json", "opc-request-id": "double-embed"}
    return serving.Reply(200, headers, [json.dumps(body).encode()])
