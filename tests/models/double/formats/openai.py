"""What Responses, Chat Completions and embeddings share: OpenAI's description of requests and replies, its media."""

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


def within_limits(request, body):
    """Refuses what Bedrock does not do of OpenAI's formats. (litellm: `bedrock/responses`, `bedrock_mantle`.)"""
    if request.host.startswith("bedrock-mantle."):
        if body.get("service_tier") not in (None, "auto", "default"):
            raise Refused("Bedrock's mantle has the service tiers `auto` and `default` alone")
        if body.get("n") not in (None, 1):
            raise Refused("Bedrock's mantle gives one choice alone")
    elif request.host.startswith("bedrock-runtime.") and (body.get("background") or '"http' in urls(body)):
        raise Refused("Bedrock's runtime does nothing in the background, and fetches no images")


def urls(body):
    """The addresses of images in a body, as JSON text."""
    if isinstance(body, list):
        return "".join(map(urls, body))
    if not isinstance(body, dict):
        return ""
    here = [body[name] for name in ("image_url", "file_url", "url") if isinstance(body.get(name), str)]
    return json.dumps(here) + "".join(map(urls, body.values()))


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
