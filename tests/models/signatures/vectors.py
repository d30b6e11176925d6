"""Signatures that Amazon's and Oracle's own libraries for Python make, for the tests to compare with.

usage: vectors.py DIRECTORY. Keys and tokens in them are made up; the RSA key is that of egress's tests.
"""

import datetime
import email.utils
import json
import pathlib
import sys

import botocore.auth
import oci.signer
from aws_bedrock_token_generator import BedrockTokenGenerator
from aws_bedrock_token_generator.token_generator import _generate_token
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from oci._vendor import requests

NOW = datetime.datetime(2026, 11, 29, 12, 34, 56, tzinfo=datetime.timezone.utc)
PLAIN = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION = Credentials("ASIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzE+/example/token==")
RUNTIME = "https://bedrock-runtime.eu-central-1.amazonaws.com"
PROFILE = "arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Aapplication-inference-profile%2Fabc123"
JSON = {"content-type": "application/json"}

# Service, region, credentials, method, URL, headers, body.
AMAZON = [
    ("bedrock", "eu-central-1", PLAIN, "POST", f"{RUNTIME}/model/amazon.nova-lite-v1%3A0/converse", JSON, '{"messages":[]}'),
    ("bedrock", "eu-central-1", SESSION, "POST", f"{RUNTIME}/model/amazon.nova-lite-v1%3A0/converse-stream", JSON, '{"é":1}'),
    ("bedrock", "eu-central-1", SESSION, "POST", f"{RUNTIME}/model/{PROFILE}/invoke", JSON, "{}"),
    ("bedrock", "eu-central-1", PLAIN, "POST", f"{RUNTIME}/openai/v1/chat/completions", JSON, "{}"),
    ("bedrock", "us-east-1", PLAIN, "GET", "https://bedrock.us-east-1.amazonaws.com/inference-profiles?type=APPLICATION&maxResults=5&nextToken=a%2Fb%2B%3D", {}, ""),
    ("bedrock", "us-east-1", PLAIN, "GET", "https://bedrock.us-east-1.amazonaws.com/", {}, ""),
    ("bedrock-mantle", "us-east-1", SESSION, "POST", "https://bedrock-mantle.us-east-1.api.aws/openai/v1/responses", {**JSON, "openai-project": "proj_1"}, "{}"),
    ("aws-external-anthropic", "us-west-2", PLAIN, "POST", "https://aws-external-anthropic.us-west-2.api.aws/v1/messages", {**JSON, "anthropic-version": "2023-06-01", "anthropic-workspace-id": "wrkspc_1", "x-spaces": "a   b"}, "{}"),
    ("sts", "us-east-1", PLAIN, "POST", "http://127.0.0.1:5000/", {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, "Action=GetCallerIdentity&Version=2011-06-15"),
]

# Method, URL, headers, body.
ORACLE = [
    ("GET", "https://generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/models?compartmentId=ocid1.compartment.oc1..a&limit=5", {}, ""),
    ("POST", "https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/actions/chat", JSON, '{"compartmentId":"é"}'),
    ("POST", "https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/actions/v1/responses?a=b%2Fc", JSON, "{}"),
    ("PUT", "https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/a%3Ab", {"content-type": "text/plain"}, ""),
    ("DELETE", "https://generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/endpoints/1", {}, ""),
]
TENANCY, USER, FINGERPRINT = "ocid1.tenancy.oc1..aaaa", "ocid1.user.oc1..bbbb", "20:3b:97:13:55:1c:aa:66"


def stop_the_clock():
    botocore.auth.get_current_datetime = lambda *_, **__: NOW
    formatted = email.utils.format_datetime(NOW, usegmt=True)
    oci.signer.email.utils.formatdate = lambda *_, **__: formatted


def credential(credentials):
    return {"id": credentials.access_key, "secret": credentials.secret_key, "session": credentials.token}


def asked(method, url, headers, body):
    return {"method": method, "url": url, "headers": headers, "body": body}


def amazon(service, region, credentials, method, url, headers, body):
    request = AWSRequest(method, url, dict(headers), body.encode())
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    set_here = {name.lower(): value for name, value in request.headers.items() if name.lower() not in headers}
    return {
        "service": service,
        "region": region,
        "credential": credential(credentials),
        "request": asked(method, url, headers, body),
        "signed": set_here,
    }


def key(credentials, region, seconds):
    token = _generate_token(credentials, region, seconds)
    if seconds == 43200:
        assert token == BedrockTokenGenerator().get_token(credentials, region)
    return {"region": region, "credential": credential(credentials), "seconds": seconds, "key": token}


def oracle(pem, method, url, headers, body):
    signer = oci.signer.Signer(TENANCY, USER, FINGERPRINT, None, private_key_content=pem)
    request = requests.Request(method, url, headers, data=body.encode(), auth=signer).prepare()
    owned = ("authorization", "date", "x-content-sha256")
    set_here = {name.lower(): value for name, value in request.headers.items() if name.lower() in owned}
    return {"request": asked(method, url, headers, body), "signed": set_here}


def main(directory):
    stop_the_clock()
    keys = pathlib.Path(__file__).parents[3] / "egress/tests/keys"
    vectors = {
        "aws": [amazon(*case) for case in AMAZON],
        "bedrock-key": [key(PLAIN, "us-east-1", 43200), key(SESSION, "eu-central-1", 900)],
        "oracle": {
            "tenancy": TENANCY,
            "user": USER,
            "fingerprint": FINGERPRINT,
            "vectors": [oracle((keys / "client.pem").read_text(), *case) for case in ORACLE],
        },
    }
    for name, content in vectors.items():
        text = json.dumps({"now": int(NOW.timestamp()), name: content}, indent=2, ensure_ascii=False)
        (directory / f"{name}.json").write_text(text + "\n")


main(pathlib.Path(sys.argv[1]))
