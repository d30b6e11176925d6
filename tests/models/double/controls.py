"""What is wrong and has to be found.

Replies are spoilt on their way, of which an SDK makes something else; requests on theirs, which the double has to
refuse; and some requests are those that no SDK would send there.
"""

import http.client
import json
import pathlib
import sys

import judge
from carriers import Carrier

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1]))
from native import judge as native  # noqa: E402

# A case, whether it is streamed, what is replaced in the reply, and by what.
REPLIES = {
    "responses": [
        ("text", True, '"delta": "Oslo is th"', '"delta": "Bergen is "'),
        ("text", False, "Oslo", "Bergen"),
        ("tools", True, '"name": "weather"', '"name": "whether"'),
        ("cache", False, '"cached_tokens": 2048', '"cached_tokens": 2047'),
        ("length", False, '"max_output_tokens"}', '"content_filter"}'),
        ("refusal", False, '"refusal", "refusal"', '"output_text", "annotations": [], "text"'),
        ("cache", True, '"output_index": 0', '"output_index": "none"'),
        ("snapshot", False, "2025-01-01", "2024-01-01"),
    ],
    "chat": [
        ("text", True, "capital", "harbour"),
        ("tools", False, '"finish_reason": "tool_calls"', '"finish_reason": "stop"'),
        ("parallel", True, '"index": 1, "id"', '"index": 0, "id"'),
        ("cache", True, '"cache_write_tokens": 308', '"cache_write_tokens": 307'),
        ("length", False, '"finish_reason": "length"', '"finish_reason": "done"'),
    ],
    "embeddings": [("embed", False, '"prompt_tokens": 14', '"prompt_tokens": 15')],
    "invoke": [("embed", False, '"float": [[0.5,', '"float": [[0.25,')],
    "titan": [("one", False, '"embedding": [0.5,', '"embedding": [0.25,')],
    "nova": [("one", False, '"embedding": [0.5,', '"embedding": [0.25,')],
    "embed-text": [
        ("embed", False, '"promptTokens": 14', '"promptTokens": 15'),
        ("embed", False, '"embeddings"', '"embedding"'),
    ],
    "messages": [
        ("text", True, "capital", "harbour"),
        ("tools", True, '"signature": "c2lnb', '"signature": "d2lnb'),
        ("tools", False, '"thinking": "I need', '"thinking": "I want'),
        ("cache", True, '"cache_read_input_tokens": 2050', '"cache_read_input_tokens": 2051'),
        ("length", False, '"max_tokens"', '"end_turn"'),
        ("elsewhere", False, '"global"', '"us"'),
        ("cache", False, '"output_tokens": 79', '"output_tokens": "many"'),
    ],
    "gemini": [
        ("text", True, "Oslo", "Bergen"),
        ("tools", False, '"thoughtSignature"', '"thoughtSignatur"'),
        ("parallel", True, '"id": "call-1"', '"id": "call-0"'),
        ("cache", False, '"thoughtsTokenCount": 34', '"thoughtsTokenCount": 35'),
        ("filtered", True, '"SAFETY"', '"STOP"'),
    ],
    "converse": [
        ("text", False, "Oslo", "Bergen"),
        ("tools", False, '"signature": "c2lnb', '"signature": "d2lnb'),
        ("cache", False, '"ttl": "1h"', '"ttl": "5m"'),
        ("length", False, '"max_tokens"', '"end_turn"'),
    ],
}
# A case, the way to something in the body, and what it becomes, or `...` where it is left out.
REQUESTS = {
    "responses": [
        ("text", ("imput",), "Hi"),
        ("text", ("input", 0, "content", 0, "type"), "text"),
        ("schema", ("text",), ...),
        ("schema", ("text", "format", "schema", "properties", "city", "type"), "integer"),
        ("tools", ("tools",), ...),
        ("image", ("input", 0, "content", 1), ...),
        ("text", ("input", 0, "content", 0, "text"), "Hi"),
        ("text", ("input", 0, "content", 0, "text"), "case:unknown"),
        ("image", ("input", 0, "content", 1, "image_url"), "https://example.com/oslo.png"),
    ],
    "chat": [
        ("text", ("messages", 0, "role"), "people"),
        ("text", ("max_token",), 5),
        ("schema", ("response_format",), ...),
        ("image", ("messages", 0, "content", 1, "image_url", "url"), "data:image/png,raw"),
    ],
    "embeddings": [("embed", ("input",), ["case:embed"]), ("embed", ("dimension",), 4)],
    "invoke": [
        ("embed", ("texts",), ["case:embed"]),
        ("embed", ("input_type",), ...),
        ("embed", ("input_type",), "document"),
        ("embed", ("truncate",), "no"),
        ("embed", ("dimensions",), 4),
    ],
    "titan": [
        ("one", ("inputText",), "case:embed"),
        ("one", ("inputText",), ...),
        ("one", ("dimension",), 4),
    ],
    "nova": [
        ("one", ("taskType",), "EMBEDDING"),
        ("one", ("singleEmbeddingParams", "text", "value"), "case:embed"),
        ("one", ("singleEmbeddingParams", "text", "truncationMode"), "no"),
        ("one", ("singleEmbeddingParams", "embeddingPurpose"), ...),
        ("one", ("singleEmbeddingParams", "dimensions"), 4),
    ],
    "embed-text": [
        ("embed", ("inputs",), ["case:embed"]),
        ("embed", ("compartmentId",), ...),
        ("embed", ("servingMode", "servingType"), "SOMETIMES"),
        ("embed", ("truncate",), "no"),
        ("embed", ("dimensions",), 4),
    ],
    "messages": [
        ("text", ("max_tokens",), ...),
        ("text", ("max_completion_tokens",), 5),
        ("schema", ("output_config",), ...),
        ("file", ("messages", 0, "content", 1, "source", "media_type"), "text/plain"),
    ],
    "gemini": [
        ("text", ("contents", 0, "parts", 0, "words"), "Hi"),
        ("text", ("max_tokens",), 5),
        ("schema", ("generationConfig", "responseMimeType"), ...),
    ],
    "converse": [
        ("text", ("messages", 0, "content", 0, "text"), 5),
        ("text", ("modelId",), "model-1"),
        ("schema", ("outputConfig",), ...),
        ("file", ("messages", 0, "content", 1, "document", "name"), ...),
    ],
}
# What of a second turn does not come back as it was answered.
TURNS = [
    ("openai", "responses", "input", lambda item: item.get("type") != "reasoning"),
    ("openai", "chat", "messages", lambda item: "tool_calls" not in item),
    ("vertex", "chat", "messages", lambda item: "tool_calls" not in item or item["tool_calls"][0].pop("extra_content")),
    ("anthropic", "messages", "messages", lambda item: item["role"] != "assistant"),
    ("vertex", "gemini", "contents", lambda item: item["role"] != "model"),
    ("bedrock", "converse", "messages", lambda item: item["role"] != "assistant"),
]
BEARER = {"authorization": "Bearer key", "anthropic-version": "2023-06-01"}


def signed(region, service):
    scope = f"AKID/20261118/{region}/{service}/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    return {"authorization": signature, "x-amz-date": "20261118T122640Z"}


# A host, a path and headers, of which one is not what an SDK uses.
ELSEWHERE = [
    ("api.openai.example", "/v1/responses", BEARER),
    ("cn.api.openai.com", "/v1/responses", BEARER),
    ("api.openai.com", "/responses", BEARER),
    ("api.openai.com", "/v1/messages", BEARER),
    ("api.openai.com", "/v1/responses", {}),
    ("api.openai.com", "/v1/responses", {"api-key": "key"}),
    ("api.openai.com", "/v1/responses", {"authorization": "Basic a2V5"}),
    ("acme.openai.azure.com", "/v1/responses", {"api-key": "key"}),
    ("acme.services.ai.azure.com", "/anthropic/v1/messages", {"x-api-key": "key"}),
    ("api.anthropic.com", "/v1/messages", BEARER | {"x-api-key": "key"}),
    ("bedrock-mantle.eu-central-1.api.aws", "/openai/v1/responses", signed("eu-central-1", "bedrock")),
    ("bedrock-mantle.eu-central-1.api.aws", "/openai/v1/responses", signed("us-west-2", "bedrock-mantle")),
    ("bedrock-runtime.eu-central-1.api.aws", "/openai/v1/responses", BEARER),
    ("aws-external-anthropic.us-west-2.api.aws", "/v1/messages", BEARER),
    ("us-east5-aiplatform.googleapis.com", "/v1/projects/p/locations/us-east4/endpoints/openapi/embeddings", BEARER),
    ("aiplatform.googleapis.com", "/v1/projects/p/locations/global/publishers/google/models/m:generate", BEARER),
    ("inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com", "/v1/responses", BEARER),
    ("inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com", "/20231130/actions/embedText", BEARER),
    ("bedrock-mantle.eu-central-1.api.aws", "/model/cohere.embed-v4:0/invoke", BEARER),
]


class Spoilt:
    """Replaces something in a reply, and knows whether it was there."""

    def __init__(self, old, new):
        self.old, self.new, self.done = old, new, False

    def __call__(self, body):
        text = body.decode()
        self.done = self.old in text
        return text.replace(self.old, self.new).encode()


def changed(path, value):
    return lambda body: json.dumps(native.changed(json.loads(body), path, value)).encode()


def forgetful(field, keeps):
    def forget(body):
        body = json.loads(body)
        if len(body[field]) > 1:
            body[field] = [item for item in body[field] if keeps(item)]
        return json.dumps(body).encode()

    return forget


def of_replies(double):
    for format, rows in REPLIES.items():
        for case, streams, old, new in rows:
            spoil = Spoilt(old, new)
            error = failure(double, format, case, streams, Carrier(double.port, spoil_reply=spoil))
            yield f"{format}, {case}: {old} replaced by {new}", error and spoil.done


def of_requests(double):
    for format, rows in REQUESTS.items():
        for case, path, value in rows:
            error = failure(double, format, case, False, Carrier(double.port, spoil_request=changed(path, value)))
            yield f"{format}, {case}: {path} is {value}", error and judge.is_refusal(error)
    for provider, format, field, keeps in TURNS:
        carrier = Carrier(double.port, spoil_request=forgetful(field, keeps))
        error = failure(double, format, "tools", False, carrier, provider)
        yield f"{provider} {format}: a second turn without the answer of the first", error and judge.is_refusal(error)


def failure(double, format, case, streams, carrier, provider=None):
    try:
        judge.converse(double, judge.first(format, provider), case, streams, carrier)
    except Exception as error:
        return error
    return None


def of_addresses(double):
    for host, path, headers in ELSEWHERE:
        connection = http.client.HTTPConnection("127.0.0.1", double.port)
        connection.request("POST", path, "{}", {"host": host, "content-type": "application/json"} | headers)
        reply = connection.getresponse()
        told = json.load(reply)
        yield f"{path} at {host} with {headers}", reply.status == 404 and told["kind"] == "double-refused"


def run(double):
    """How many were found, and which were not."""
    tried = [*of_replies(double), *of_requests(double), *of_addresses(double)]
    return sum(bool(found) for _, found in tried), [f"not found: {name}" for name, found in tried if not found]
