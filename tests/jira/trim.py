#!/usr/bin/env python3
"""Cuts Atlassian's OpenAPI description of Jira Cloud down to what the skill calls. usage: trim.py swagger-v3.v3.json >openapi.json

The description is published at developer.atlassian.com/cloud/jira/platform/swagger-v3.v3.json. Nothing is changed in
what stays, with one exception: examples of replies are strings of JSON there, and become the JSON that they mean.
"""

import json
import sys

OPERATIONS = {
    "/rest/api/3/search/jql": ["post"],
    "/rest/api/3/issue": ["post"],
    "/rest/api/3/issue/{issueIdOrKey}": ["get"],
    "/rest/api/3/issue/{issueIdOrKey}/comment": ["get", "post"],
    "/rest/api/3/issue/{issueIdOrKey}/transitions": ["get", "post"],
}


def decoded(node):
    """The same, with the examples that are strings of JSON decoded."""
    if isinstance(node, list):
        return [decoded(child) for child in node]
    if not isinstance(node, dict):
        return node
    node = {name: decoded(child) for name, child in node.items()}
    if "schema" in node and isinstance(node.get("example"), str):
        try:
            node["example"] = json.loads(node["example"])
        except json.JSONDecodeError:
            pass
    return node


def references(node):
    """The names of the schemas that a part of the description refers to."""
    if isinstance(node, list):
        return set().union(*map(references, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(references, node.values()))


def trimmed(whole):
    paths = {
        path: {name: part for name, part in whole["paths"][path].items() if name in methods or name == "parameters"}
        for path, methods in OPERATIONS.items()
    }
    schemas = whole["components"]["schemas"]
    kept, open_names = set(), references(paths)
    while open_names:
        kept |= open_names
        open_names = set().union(*(references(schemas[name]) for name in open_names)) - kept
    return {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "servers": whole["servers"],
        "paths": decoded(paths),
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name in kept},
            "securitySchemes": whole["components"]["securitySchemes"],
        },
    }


with open(sys.argv[1], encoding="utf-8") as file:
    json.dump(trimmed(json.load(file)), sys.stdout, indent=1, ensure_ascii=False)
print()
