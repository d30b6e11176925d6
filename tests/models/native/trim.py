#!/usr/bin/env python3
"""Makes gemini's schema.json from Google's discovery document. usage: trim.py DATE >schema.json

The document comes in the package google-api-python-client (requirements.txt). Kept are the request and the response of
generateContent and what they reach, without descriptions, as JSON Schema in which no property is allowed that the
document does not have. DATE is when it was made.
"""

import json
import pathlib
import sys

import googleapiclient

PREFIX = "GoogleCloudAiplatformV1"
ROOTS = ["GenerateContentRequest", "GenerateContentResponse"]
# What may be anything in the document, and integers that are strings of digits in JSON.
WHOLE = {"int32": {"type": "integer"}, "float": {"type": "number"}, "double": {"type": "number"}}


def reference(name):
    return name.removeprefix(PREFIX)


def converted(schema, reached):
    """JSON Schema of a schema of the document."""
    if "$ref" in schema:
        reached.append(reference(schema["$ref"]))
        return {"$ref": "#/$defs/" + reference(schema["$ref"])}
    kind = schema.get("type")
    if kind == "any":
        return {}
    if schema.get("format") in WHOLE:
        return WHOLE[schema["format"]]
    if kind == "array":
        return {"type": "array", "items": converted(schema["items"], reached)}
    if kind != "object":
        return {"type": kind} | ({"enum": schema["enum"]} if "enum" in schema else {})
    written = {"type": "object"}
    if "additionalProperties" in schema:
        return written | {"additionalProperties": converted(schema["additionalProperties"], reached)}
    properties = {name: converted(child, reached) for name, child in schema.get("properties", {}).items()}
    return written | {"properties": properties, "additionalProperties": False}


def main():
    folder = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache/documents"
    document = json.loads((folder / "aiplatform.v1.json").read_text())
    waiting, definitions = list(ROOTS), {}
    while waiting:
        name = waiting.pop()
        if name not in definitions:
            whole = name if name in document["schemas"] else PREFIX + name
            definitions[name] = converted(document["schemas"][whole], waiting)
    source = f"aiplatform v1, revision {document['revision']}, google-api-python-client, trimmed {sys.argv[1]}"
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": source}
    definitions = dict(sorted(definitions.items()))
    lines = [f"{json.dumps(name)}:{json.dumps(body, separators=(',', ':'))}" for name, body in definitions.items()]
    print(json.dumps(head)[:-1] + ',"$defs":{\n' + ",\n".join(lines) + "\n}}")


main()
