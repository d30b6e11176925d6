#!/usr/bin/env python3
"""Asks the vendors' own SDKs where they send a question, and with what they log in. usage: addresses.py [check]

Each is made as an operator's settings would make it, and what it would send is caught before it leaves. Settings that
come back in the address are written as their names, such as `{region}`; a second set of settings has to give the same.
Where an SDK has to be told the address (`told`), it is the one in the vendor's documentation. With `check` nothing is
written, and it is an error where `addresses.json` differs.
"""

import json
import os
import pathlib
import re
import sys

import anthropic
import boto3
import google.auth.credentials
import google.genai
import httpx2
import openai
from openai import providers

FILE = pathlib.Path(__file__).parent / "addresses.json"
SETTINGS = [
    {"region": "eu-central-1", "resource": "acme", "project": "acme-p", "location": "europe-west4", "model": "model-1"},
    {"region": "us-west-2", "resource": "other", "project": "other-p", "location": "us-east5", "model": "model-2"},
]
LOGINS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "x-amz-date", "anthropic-workspace-id")
GEOS = ("us", "eu", "ae", "au", "in", "jp")


class Caught(BaseException):
    """What an SDK would have sent; no exception that it would try again after."""


def catch(request, **_):
    headers = {name.lower(): value for name, value in request.headers.items()}
    raise Caught(request.method, str(request.url), headers)


def http():
    return httpx2.Client(transport=httpx2.MockTransport(catch))


class Token(google.auth.credentials.Credentials):
    """A token of Google's that needs no renewal."""

    def __init__(self):
        super().__init__()
        self.token = "token"

    def refresh(self, request):
        raise AssertionError("there is nothing to renew")


def openai_asks(client, format, model, headers=None):
    asked = {"model": model, "extra_headers": headers}
    if format == "chat":
        client.chat.completions.create(messages=[{"role": "user", "content": "Hi"}], **asked)
    elif format == "responses":
        client.responses.create(input="Hi", **asked)
    else:
        client.embeddings.create(input=["Hi"], **asked)


def of_openai(format, headers=None, **settings):
    def ask(given):
        told = {name: value.format(**given) if name == "base_url" else value for name, value in settings.items()}
        openai_asks(openai.OpenAI(http_client=http(), **told), format, given["model"], headers)

    return ask


def of_openai_by(format, provider):
    return lambda given: openai_asks(openai.OpenAI(http_client=http(), provider=provider(given)), format, given["model"])


def of_anthropic(kind, stream=False, headers=None, **settings):
    def ask(given):
        fill = lambda value: value.format(**given) if isinstance(value, str) else value
        client = kind(http_client=http(), **{name: fill(value) for name, value in settings.items()})
        asked = [{"role": "user", "content": "Hi"}]
        client.messages.create(
            model=given["model"], max_tokens=5, messages=asked, stream=stream, extra_headers=headers
        )

    return ask


def of_google(stream, **settings):
    def ask(given):
        told = {name: given[name] for name in ("project", "location")} | settings
        # By itself it asks for `v1beta1`.
        options = {"httpx_client": http(), "api_version": "v1"}
        client = google.genai.Client(vertexai=True, credentials=Token(), http_options=options, **told)
        asked = {"model": given["model"], "contents": "Hi"}
        if stream:
            list(client.models.generate_content_stream(**asked))
        else:
            client.models.generate_content(**asked)

    return ask


def of_amazon(stream, **login):
    """Without keys it logs in by the token in the environment, which it would prefer to keys."""

    def ask(given):
        os.environ.pop("AWS_BEARER_TOKEN_BEDROCK", None)
        if not login:
            os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "token"
        client = boto3.Session(**login).client("bedrock-runtime", region_name=given["region"])
        client.meta.events.register("before-send", catch)
        asked = {"modelId": given["model"], "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
        client.converse_stream(**asked) if stream else client.converse(**asked)

    return ask


def by_openai():
    for format in ("responses", "chat", "embeddings"):
        yield "openai", format, of_openai(format, api_key="key")
        for geo in GEOS:
            yield "openai", format, of_openai(format, api_key="key", data_residency=geo)
        # The documentation of the API without a version has OpenAI's own client log in by a bearer, and `curl` by `api-key`.
        for host in ("openai.azure.com", "services.ai.azure.com"):
            base = f"https://{{resource}}.{host}/openai/v1/"
            yield "azure", format, of_openai(format, api_key="key", base_url=base)
            key = {"api-key": "key", "Authorization": openai.Omit()}
            yield "azure", format, of_openai(format, key, api_key="key", base_url=base)
        yield "compatible", format, of_openai(format, api_key="key", base_url="http://localhost:11434/v1")


def by_openai_in_clouds():
    for format in ("responses", "chat"):
        base = "https://inference.generativeai.{region}.oci.oraclecloud.com/20231130/actions/v1"
        yield "oracle", format, of_openai(format, api_key="key", base_url=base)
        for endpoint in ("mantle", "runtime"):
            keys = {"access_key_id": "AKID", "secret_access_key": "secret"}
            for login in ({"api_key": "key"}, keys):
                provider = lambda given, login=login, endpoint=endpoint: providers.bedrock(
                    endpoint=endpoint, region=given["region"], **login
                )
                yield "bedrock", format, of_openai_by(format, provider)
        # Where the models are whose weights are open.
        plain = "https://bedrock-mantle.{region}.api.aws/v1"
        for login in ({"api_key": "key"}, keys):
            provider = lambda given, login=login: providers.bedrock(
                endpoint="mantle", region=given["region"], base_url=plain.format(**given), **login
            )
            yield "bedrock", format, of_openai_by(format, provider)
    for location in ("{location}", "global"):
        provider = lambda given, location=location: providers.vertex(
            project=given["project"], location=location.format(**given), token_provider=lambda: "token"
        )
        yield "vertex", "responses", of_openai_by("responses", provider)
    hosts = {
        "{location}": "{location}-aiplatform.googleapis.com",
        "global": "aiplatform.googleapis.com",
        "us": "aiplatform.us.rep.googleapis.com",
        "eu": "aiplatform.eu.rep.googleapis.com",
    }
    for location, host in hosts.items():
        base = f"https://{host}/v1/projects/{{project}}/locations/{location}/endpoints/openapi"
        for format in ("chat", "embeddings"):
            yield "vertex", format, of_openai(format, api_key="token", base_url=base)


def by_anthropic():
    # The SDK speaks version 2026-10-21, in which a key is a bearer; in 2023-06-01 it has a header of its own.
    old = {"anthropic-version": "2023-06-01", "x-api-key": "key", "Authorization": anthropic.Omit()}
    yield "anthropic", "messages", of_anthropic(anthropic.Anthropic, headers=old, api_key="key")
    yield "anthropic", "messages", of_anthropic(anthropic.Anthropic, api_key="key")
    yield "anthropic", "messages", of_anthropic(anthropic.Anthropic, auth_token="token")
    foundry = {"resource": "{resource}"}
    yield "azure", "messages", of_anthropic(anthropic.AnthropicFoundry, api_key="key", **foundry)
    token = {"azure_ad_token_provider": lambda: "token"}
    yield "azure", "messages", of_anthropic(anthropic.AnthropicFoundry, **token, **foundry)
    keys = {"aws_access_key": "AKID", "aws_secret_key": "secret", "aws_region": "{region}"}
    key = {"api_key": "key", "aws_region": "{region}"}
    for login in (keys, key):
        yield "bedrock", "messages", of_anthropic(anthropic.AnthropicBedrockMantle, **login)
        yield "claude-aws", "messages", of_anthropic(anthropic.AnthropicAWS, workspace_id="workspace", **login)
    yield "claude-aws", "messages", of_anthropic(anthropic.AnthropicAWS, headers=old, workspace_id="workspace", **key)
    for location in ("{location}", "global", "us", "eu"):
        for stream in (False, True):
            settings = {"project_id": "{project}", "region": location, "access_token": "token"}
            yield "vertex", "messages", of_anthropic(anthropic.AnthropicVertex, stream, **settings)


def by_others():
    for stream in (False, True):
        yield "vertex", "gemini", of_google(stream)
        for location in ("global", "us", "eu"):
            yield "vertex", "gemini", of_google(stream, location=location)
        yield "bedrock", "converse", of_amazon(stream, aws_access_key_id="AKID", aws_secret_access_key="secret")
        yield "bedrock", "converse", of_amazon(stream)


def place(ask, given):
    """Where and how it would have been sent, with the names of the settings in their places."""
    try:
        ask(given)
    except Caught as caught:
        method, url, headers = caught.args
    else:
        raise AssertionError("nothing was sent")
    for name, value in given.items():
        url = re.sub(rf"(?<![\w]){re.escape(value)}(?![\w]|-p)", f"{{{name}}}", url)
    _, _, host, path = url.split("/", 3)
    return {"method": method, "host": host, "path": "/" + path, "login": list(login(headers, given))}


def login(headers, given):
    for name in LOGINS:
        if name not in headers:
            continue
        value = headers[name].decode() if isinstance(headers[name], bytes) else headers[name]
        if name != "authorization":
            yield name
            continue
        scheme = value.split(" ")[0]
        scope = re.search(r"Credential=[^/]*/\d*/([^/]*)/([^/]*)/", value)
        assert not scope or scope[1] == given["region"], value
        yield f"authorization {scheme}" + (f" {scope[2]}" if scope else "")


def captured():
    places = {}
    for by in (by_openai, by_openai_in_clouds, by_anthropic, by_others):
        for provider, format, ask in by():
            found, again = (place(ask, given) for given in SETTINGS)
            assert found == again, (found, again)
            key = (provider, format, found["method"], found["host"], found["path"])
            logins = places.setdefault(key, [])
            if found["login"] not in logins:
                logins.append(found["login"])
    names = ("provider", "format", "method", "host", "path")
    return [dict(zip(names, key)) | {"logins": logins} for key, logins in places.items()]


def main():
    text = "[\n" + ",\n".join(json.dumps(place) for place in captured()) + "\n]\n"
    if sys.argv[1:] != ["check"]:
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.exit(f"{FILE} is not what addresses.py makes: run it, and look at what changed")
    print(f"addresses: {len(json.loads(text))}, as the vendors' SDKs use them")


if __name__ == "__main__":
    main()
