#!/usr/bin/env python3
"""Asks the vendors' own SDKs where they send a question, and with what they log in. usage: addresses.py [check]

What they would send is caught before it leaves. Settings that come back in the address are written as their names, such
as `{region}`; a second set of settings has to give the same. How Oracle's own library signs is taken from the vectors
that `../signatures` has it make. With `check` nothing is written, and it is an error where `addresses.json` differs.
"""

import json
import pathlib
import re
import sys

import sdks
import speakers
from carriers import Catcher, Caught
from places import LOGINS

FILE = pathlib.Path(__file__).parent / "addresses.json"
VECTORS = pathlib.Path(__file__).resolve().parents[3] / "models/src/credential/vectors/oracle.json"
SETTINGS = [
    {"region": "eu-central-1", "resource": "acme", "project": "acme-p", "location": "europe-west4", "model": "model-1"},
    {"region": "us-west-2", "resource": "other", "project": "other-p", "location": "us-east5", "model": "model-2"},
]


def place(way, given, streams):
    """Where and how it would have been sent, with the names of the settings in their places."""
    speaker = speakers.of(way, given, Catcher())
    try:
        speaker.say(given["model"], "case:text", streams=streams)
    except Caught as caught:
        method, url, headers = caught.args
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


def oracle_signs():
    """With which headers Oracle's library logs in for a POST."""
    vectors = json.loads(VECTORS.read_text())["oracle"]["vectors"]
    signed = next(vector["signed"] for vector in vectors if vector["request"]["method"] == "POST")
    return list(login(signed, {}))


def captured():
    places = {}
    for way in sdks.ways():
        for streams in (False, True):
            found, again = (place(way, given, streams) for given in SETTINGS)
            assert found == again, (found, again)
            key = (way.provider, way.format, found["method"], found["host"], found["path"])
            logins = places.setdefault(key, [])
            if found["login"] not in logins:
                logins.append(found["login"])
    for (provider, *_), logins in places.items():
        if provider == "oracle" and oracle_signs() not in logins:
            logins.append(oracle_signs())
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
