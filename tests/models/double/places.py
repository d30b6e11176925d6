"""Where a request was sent: a place where a vendor's own SDK sends it, with one of the ways to log in there."""

import dataclasses
import json
import pathlib
import re

ADDRESSES = json.loads((pathlib.Path(__file__).parent / "addresses.json").read_text())
LOGINS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "anthropic-workspace-id")
LOGINS += ("x-amz-date", "date", "x-content-sha256")
# Cohere's SDK sends the colon of a model's name as it is.
SHAPES = {"model": r"[^/?]+"}
SHAPES |= {"resource": r"[a-z0-9-]+", "region": r"[a-z]+(?:-[a-z]+)+-\d", "location": r"[a-z]+-[a-z]+\d+"}
ANY = r"[^/:?]+"


class Nowhere(Exception):
    """No vendor's SDK would have sent this there, in this way."""


@dataclasses.dataclass
class Place:
    provider: str
    format: str
    host: str
    path: str
    settings: dict


def pattern(template):
    """Matches the template, each setting the same wherever it stands."""
    seen = set()

    def one(match):
        name = match[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>{SHAPES.get(name, ANY)})"

    return re.compile(re.sub(r"\\{(\w+)\\}", one, re.escape(template)))


KNOWN = [(address, pattern(address["host"] + address["path"])) for address in ADDRESSES]


def find(request):
    same_host = []
    for address, shape in KNOWN:
        found = shape.fullmatch(request.host + request.path)
        if found and request.method == address["method"]:
            check(request, address, found)
            return Place(address["provider"], address["format"], request.host, request.path, found.groupdict())
        if pattern(address["host"]).fullmatch(request.host):
            same_host.append(address["method"] + " " + address["path"])
    asked = f"{request.method} {request.path} at {request.host or 'no host'}"
    if same_host:
        raise Nowhere(f"{asked} is no address of a model; at this host there are {', '.join(same_host)}")
    raise Nowhere(f"{asked}: no provider has this host")


def check(request, address, found):
    given = sorted(logged_in(request, found.groupdict()))
    signed = request.headers.get("authorization", "").startswith("Signature ")
    if signed and address["format"] != "embed-text" and "opc-compartment-id" not in request.headers:
        raise Nowhere("a request that is signed for Oracle names its compartment in `opc-compartment-id`")
    if given not in [sorted(login) for login in address["logins"]]:
        raise Nowhere(f"logged in with {given}; {address['provider']} takes one of {address['logins']}")


def logged_in(request, settings):
    """The headers that log in, by name; of a signature the service, if it is for the region of the host."""
    for name in LOGINS:
        value = request.headers.get(name)
        if value is None:
            continue
        if name != "authorization":
            yield name
            continue
        scheme, _, rest = value.partition(" ")
        scope = re.match(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request", rest)
        if scope and scope[1] != settings.get("region"):
            yield f"a signature for {scope[1]}"
        yield f"authorization {scheme}" + (f" {scope[2]}" if scope else "")
