"""Makes openai.schemas.json out of OpenAI's description of its interface.

    python3 trim.py openai.openapi.json 2026-08 > openai.schemas.json

What is kept are the schemas that the request bodies of three operations reach, and those that their replies reach. Five
things are changed, so that a validator of JSON Schema 2020-12 reads them as they are meant:

- `nullable`, which that dialect does not know, becomes a choice with null;
- `oneOf` becomes `anyOf`, because the description's alternatives overlap and rely on a discriminator;
- a reference of an older dialect to the schema itself, `$recursiveRef`, becomes one by name;
- in requests, an object with named properties allows no others, so that a misspelt field is found;
- examples, defaults, titles and the prose are left out.
"""

import json
import sys

OPERATIONS = ["/responses", "/chat/completions", "/embeddings"]
PREFIX = "#/components/schemas/"
DROPPED = {"description", "example", "examples", "default", "title", "deprecated", "discriminator", "nullable"}
DROPPED |= {"$recursiveAnchor"}


def names(node):
    """The schemas that a node refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(PREFIX):
                yield value.removeprefix(PREFIX)
            else:
                yield from names(value)
    elif isinstance(node, list):
        for value in node:
            yield from names(value)


def reached(schemas, start):
    """What can be reached from there, in alphabetical order."""
    seen, todo = set(), list(names(start))
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(names(schemas[name]))
    return sorted(seen)


def composed(schemas, kept):
    """The schemas that stand in an `allOf`: they cannot be closed one by one."""
    found = set()

    def look(node):
        if isinstance(node, dict):
            for part in node.get("allOf", []):
                found.update(names({"$ref": part.get("$ref", "")}))
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    for name in kept:
        look(schemas[name])
    return found


def rewritten(node, of, close, is_map=False):
    """A part of a schema as a validator reads it. In a map of properties the keys are names and none of ours."""
    if isinstance(node, list):
        return [rewritten(value, of, close) for value in node]
    if not isinstance(node, dict):
        return node
    if is_map:
        return {key: rewritten(value, of, close) for key, value in node.items()}
    made = {}
    for key, value in node.items():
        if key in DROPPED:
            continue
        if key in ("enum", "const", "required"):
            made[key] = value
        elif key == "$ref":
            made[key] = value.replace(PREFIX, "#/$defs/")
        elif key == "$recursiveRef":
            made["$ref"] = "#/$defs/" + of
        elif key == "oneOf":
            made["anyOf"] = rewritten(value, of, close)
        elif key == "allOf":
            made[key] = rewritten(value, of, False)
        else:
            made[key] = rewritten(value, of, close, is_map=key == "properties")
    closes = "properties" in made and "additionalProperties" not in made or "allOf" in made
    if close and closes:
        made["unevaluatedProperties"] = False
    if node.get("nullable"):
        made = {"anyOf": [made, {"type": "null"}]}
    return made


def document(schemas, start, close):
    kept = reached(schemas, start)
    open_ones = composed(schemas, kept)
    made = {name: rewritten(schemas[name], name, close and name not in open_ones) for name in kept}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": made}


def main():
    path, date = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        described = json.load(file)
    schemas = described["components"]["schemas"]
    posts = [described["paths"][operation]["post"] for operation in OPERATIONS]
    result = {
        "source": f"openai/openai-openapi, OpenAI API {described['info']['version']}, MIT licence",
        "date": date,
        "requests": document(schemas, [post["requestBody"] for post in posts], True),
        "replies": document(schemas, [post["responses"]["200"] for post in posts] + [{"$ref": PREFIX + "ErrorResponse"}], False),
    }
    json.dump(result, sys.stdout, separators=(",", ":"), sort_keys=True)
    print()


main()
