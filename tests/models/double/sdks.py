"""The vendors' own SDKs, each made as an operator's settings would make it, at every provider and with every login.

Where an SDK has to be told the address, it is the one in the vendor's documentation.
"""

import dataclasses
import os
import pathlib
import threading
import typing

import anthropic
import boto3
import cohere
import google.auth.credentials
import google.genai
import oci.generative_ai_inference
import openai
from botocore.config import Config
from openai import providers

KEY = pathlib.Path(__file__).resolve().parents[3] / "egress/tests/keys/client.pem"
ORACLE = {"tenancy": "ocid1.tenancy.oc1..aaaa", "user": "ocid1.user.oc1..bbbb"}
ORACLE["fingerprint"] = ":".join(["20"] * 16)
AMAZON = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret"}
KEYS = {"access_key_id": "AKID", "secret_access_key": "secret"}
os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "token"
# Amazon's SDK makes clients one at a time.
MAKING = threading.Lock()
GEOS = ("us", "eu", "ae", "au", "in", "jp")


@dataclasses.dataclass
class Way:
    """A way to a format at a provider. `make` takes settings, something that carries requests, and how often to ask.

    `body` is which of the format's bodies is written, where each model has its own.
    """

    provider: str
    format: str
    make: typing.Callable
    headers: dict = dataclasses.field(default_factory=dict)
    body: str = ""

    @property
    def name(self):
        """What it writes: the format, or one of its bodies."""
        return self.body or self.format


class Token(google.auth.credentials.Credentials):
    """A token of Google's that needs no renewal."""

    def __init__(self):
        super().__init__()
        self.token = "token"

    def refresh(self, request):
        raise AssertionError("there is nothing to renew")


def filled(told, given):
    """Settings with `{region}` and the like in them."""
    return {name: value.format(**given) if isinstance(value, str) else value for name, value in told.items()}


def of_openai(provider, format, told, headers=None):
    def make(given, carrier, times=1, **more):
        return openai.OpenAI(http_client=carrier.http(), max_retries=times - 1, **filled(told, given), **more)

    return Way(provider, format, make, headers or {})


def of_openai_by(provider, format, made, told):
    def make(given, carrier, times=1, **more):
        by = made(**filled(told, given))
        return openai.OpenAI(http_client=carrier.http(), max_retries=times - 1, provider=by, **more)

    return Way(provider, format, make)


def of_anthropic(provider, kind, told, headers=None):
    def make(given, carrier, times=1, **more):
        return kind(http_client=carrier.http(), max_retries=times - 1, **filled(told, given), **more)

    return Way(provider, "messages", make, headers or {})


def of_google(told):
    def make(given, carrier, times=1, timeout=None, **_):
        # By itself it asks for `v1beta1`.
        options = {"httpx_client": carrier.http(), "api_version": "v1", "timeout": timeout and int(timeout * 1000)}
        options["retry_options"] = {"attempts": times, "initial_delay": 0.01}
        return google.genai.Client(vertexai=True, credentials=Token(), http_options=options, **filled(told, given))

    return Way("vertex", "gemini", make)


def of_amazon(format, keys):
    """Without keys it logs in by the token in the environment, which it would prefer to keys."""

    def make(given, carrier, times=1, timeout=None, **_):
        signs = {"signature_version": "v4"} if keys else {}
        config = Config(retries={"total_max_attempts": times}, read_timeout=timeout or 60, **signs)
        with MAKING:
            client = boto3.Session(region_name=given["region"], **keys).client("bedrock-runtime", config=config)
        return carrier.amazon(client)

    return Way("bedrock", format, make)


def of_cohere():
    def make(given, carrier, times=1, **_):
        keys = {"aws_access_key": "AKID", "aws_secret_key": "secret"}
        return carrier.cohere(cohere.BedrockClientV2(aws_region=given["region"], **keys))

    return Way("bedrock", "invoke", make)


def of_oracle():
    def make(given, carrier, times=1, **_):
        config = ORACLE | {"region": given["region"], "key_content": KEY.read_text()}
        retry = oci.retry.RetryStrategyBuilder(max_attempts=times, retry_base_sleep_time_seconds=0.01)
        told = {"retry_strategy": retry.get_retry_strategy()}
        client = oci.generative_ai_inference.GenerativeAiInferenceClient(config, **told)
        return carrier.oracle(client)

    return Way("oracle", "embed-text", make)


def at_openai():
    for format in ("responses", "chat", "embeddings"):
        yield of_openai("openai", format, {"api_key": "key"})
        for geo in GEOS:
            yield of_openai("openai", format, {"api_key": "key", "data_residency": geo})
        # In the documentation OpenAI's own client logs in by a bearer, and `curl` by `api-key`.
        key = {"api-key": "key", "Authorization": openai.Omit()}
        for host in ("openai.azure.com", "services.ai.azure.com"):
            told = {"api_key": "key", "base_url": f"https://{{resource}}.{host}/openai/v1/"}
            yield of_openai("azure", format, told)
            yield of_openai("azure", format, told, key)
        yield of_openai("compatible", format, {"api_key": "key", "base_url": "http://localhost:11434/v1"})


def in_clouds():
    for format in ("responses", "chat"):
        base = "https://inference.generativeai.{region}.oci.oraclecloud.com/20231130/actions/v1"
        yield of_openai("oracle", format, {"api_key": "key", "base_url": base})
        for login in ({"api_key": "key"}, KEYS):
            told = {"region": "{region}"} | login
            yield of_openai_by("bedrock", format, providers.bedrock, told | {"endpoint": "mantle"})
            yield of_openai_by("bedrock", format, providers.bedrock, told | {"endpoint": "runtime"})
            # Where the models are whose weights are open.
            plain = {"endpoint": "mantle", "base_url": "https://bedrock-mantle.{region}.api.aws/v1"}
            yield of_openai_by("bedrock", format, providers.bedrock, told | plain)
    for location in ("{location}", "global", "us", "eu"):
        told = {"project": "{project}", "location": location, "token_provider": lambda: "token"}
        yield of_openai_by("vertex", "responses", providers.vertex, told)
    hosts = {
        "{location}": "{location}-aiplatform.googleapis.com",
        "global": "aiplatform.googleapis.com",
        "us": "aiplatform.us.rep.googleapis.com",
        "eu": "aiplatform.eu.rep.googleapis.com",
    }
    for location, host in hosts.items():
        base = f"https://{host}/v1/projects/{{project}}/locations/{location}/endpoints/openapi"
        for format in ("chat", "embeddings"):
            yield of_openai("vertex", format, {"api_key": "token", "base_url": base})


def at_anthropic():
    # The SDK speaks version 2026-10-21, in which a key is a bearer; in 2023-06-01 it has a header of its own.
    old = {"anthropic-version": "2023-06-01", "x-api-key": "key", "Authorization": anthropic.Omit()}
    yield of_anthropic("anthropic", anthropic.Anthropic, {"api_key": "key"})
    yield of_anthropic("anthropic", anthropic.Anthropic, {"api_key": "key"}, old)
    yield of_anthropic("anthropic", anthropic.Anthropic, {"auth_token": "token"})
    for login in ({"api_key": "key"}, {"azure_ad_token_provider": lambda: "token"}):
        yield of_anthropic("azure", anthropic.AnthropicFoundry, {"resource": "{resource}"} | login)
    key = {"aws_region": "{region}", "api_key": "key"}
    for login in (key, {"aws_region": "{region}", "aws_access_key": "AKID", "aws_secret_key": "secret"}):
        yield of_anthropic("bedrock", anthropic.AnthropicBedrockMantle, login)
        yield of_anthropic("claude-aws", anthropic.AnthropicAWS, {"workspace_id": "workspace"} | login)
    yield of_anthropic("claude-aws", anthropic.AnthropicAWS, {"workspace_id": "workspace"} | key, old)
    for location in ("{location}", "global", "us", "eu"):
        told = {"project_id": "{project}", "region": location, "access_token": "token"}
        yield of_anthropic("vertex", anthropic.AnthropicVertex, told)


def at_others():
    for location in ("{location}", "global", "us", "eu"):
        yield of_google({"project": "{project}", "location": location})
    for format in ("converse", "invoke"):
        yield of_amazon(format, AMAZON)
        yield of_amazon(format, {})
    # After Amazon's, which says why it was refused.
    yield of_cohere()
    yield of_oracle()


def by_body():
    """Amazon's own models of vectors, by the library that knows what each takes: one text at a time."""
    return [dataclasses.replace(of_amazon("invoke", AMAZON), body=body) for body in ("titan", "nova")]


def ways():
    return [way for at in (at_openai, in_clouds, at_anthropic, at_others) for way in at()]
