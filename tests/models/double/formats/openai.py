"""What Responses, Chat Completions and Embeddings share: OpenAI's description of requests and replies, and its media."""

import base64
import json
import pathlib
import re

import jsonschema

from cases import Refused

DESCRIBED = json.loads((pathlib.Path(__file__).resolve().parents[2] / "openai.schemas.json").read_text())
REQUESTS, REPLIES = DESCRIBED["requests"], DESCRIBED["replies"]
WHEN = 1795000000


def judge(schema, body, of=REQUESTS):
    """Refuses what the schema does not allow, with the most telling fault."""
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": of["$defs"]})
    fault = jsonschema.exceptions.best_match(validator.iter_errors(body))
    if fault:
        raise Refused(f"OpenAI's {schema} does not allow it: {fault.json_path}: {fault.message[:500]}")


def data(url):
    """The media type and the bytes of a `data:` URL."""
    found = re.fullmatch(r"data:([\w/+.-]+);base64,(.*)", url)
    if not found:
        raise Refused(f"no data: URL: {url[:50]}")
    try:
        return found[1], base64.b64decode(found[2], validate=True)
    except ValueError:
        raise Refused("a data: URL without base64") from None


def headers(answer, kind="application/json"):
    """What the provider sends with every reply."""
    name = "double-" + answer.case
    by = {
        "azure": {"apim-request-id": name, "x-ms-region": "Sweden Central", "x-request-id": name},
        "bedrock": {"x-amzn-requestid": name},
        "oracle": {"opc-request-id": name},
        "vertex": {},
        "compatible": {},
    }
    return {"content-type": kind} | by.get(answer.provider, {"x-request-id": name, "openai-processing-ms": "412"})
