#!/usr/bin/env python3
"""Makes the first part of abilities.toml: what the price map of `litellm` says of the newest models of each provider.

usage: abilities.py LITELLM_WHEEL   rewrites abilities.toml up to the line that begins the part written by hand, run from
the folder models/data, with prices.py made into a list before

Models that can do the same stand together. What the map does not say is left out, and is then assumed to be possible.
"""

import json
import re
import sys
import zipfile
from collections import defaultdict

from prices import MAP, OTHER, address, normal

HAND = "# ---- By hand from here.\n"
# Of each backend, the models that are worth a line; the others are found by the patterns written by hand.
WORTH = re.compile(
    r"(^|[./])(gpt-[56]|o[34](-|$)|gpt-oss|gpt-4\.1|claude-[a-z]+-(4-[5-9]|[5-9])|gemini-(2\.5|[3-9])|gemini-embedding|gemma-4|nova-"
    r"|grok-[4-9]|kimi-k[2-9]|deepseek[.-]v[3-9]|glm-[5-9]|qwen3|text-embedding-3|llama-?4|command-a|embed-v)"
)
# OpenAI's thinking models take no temperature, unless they do not think where nothing is said, and no texts at which they
# end: so litellm's own code for them, `gpt_reasoning_transformation`.
OPEN_AI = ("openai", "azure", "bedrock-mantle", "bedrock", "oci")
THINKING = re.compile(r"(^|\.)(gpt-[56]|o[34](-|$))(?!.*chat)")


def dialect(backend, name, entry):
    """The wire format by which it is best asked, and the segment of the path before it where that depends on the model."""
    ends = entry.get("supported_endpoints", [])
    responses = "/v1/responses" in ends or entry["mode"] == "responses"
    open_ai = "responses" if responses else "chat"
    claude = "claude" in name
    if entry["mode"] == "embedding":
        return None, None
    if backend in ("anthropic", "claude-aws") or (backend == "azure" and claude) or (backend == "vertex" and claude):
        return "messages", None
    if backend == "bedrock-mantle":
        return (
            ("messages", "/anthropic")
            if claude
            else (open_ai, "/openai/v1" if entry.get("use_openai_responses_path") else "/v1")
        )
    if backend == "bedrock":
        return (
            ("responses", "/openai/v1")
            if responses and "openai.gpt-" in name and "oss" not in name
            else ("converse", None)
        )
    if backend == "vertex":
        return ("gemini" if name.startswith("gem") and not name.endswith("maas") else "chat"), None
    if backend == "oci":
        # Cohere's models are not on the path that is like OpenAI's; Meta's are not asked by responses.
        return (
            None if name.startswith("cohere") else "responses" if name.startswith(("openai.", "xai.")) else "chat"
        ), None
    return open_ai, None


def efforts(backend, name, entry):
    thinks = entry.get("supports_reasoning")
    claude = entry.get("supports_output_config") or entry.get("supports_adaptive_thinking")
    told = THINKING.search(name) or "gpt-oss" in name or claude or re.match(r"gemini-[3-9]", name)
    if not thinks or not told:
        return []
    flags = {
        "minimal": "supports_minimal_reasoning_effort",
        "xhigh": "supports_xhigh_reasoning_effort",
        "max": "supports_max_reasoning_effort",
    }
    has = {word: entry.get(flag) is True for word, flag in flags.items()}
    return [word for word in ("minimal", "low", "medium", "high", "xhigh", "max") if has.get(word, True)]


def abilities(backend, name, entry):
    """What is known and differs from what is assumed."""
    no = {
        "temperature": entry.get("supports_sampling_params") is False
        or bool(backend in OPEN_AI and THINKING.search(name) and entry.get("default_reasoning_effort") != "none"),
        "stop": bool(backend in OPEN_AI and THINKING.search(name)),
        "forced-tools": entry.get("supports_forced_tool_use") is False or entry.get("supports_tool_choice") is False,
        "tools": entry.get("supports_function_calling") is False,
        "images": entry.get("supports_vision") is False,
        "files": entry.get("supports_pdf_input") is False,
        "output": entry.get("supports_response_schema") is False,
    }
    known = {ability: False for ability, missing in no.items() if missing}
    words = efforts(backend, name, entry)
    if words:
        known["efforts"] = words
    for ability, field in (("most-tokens", "max_output_tokens"), ("context", "max_input_tokens")):
        if (entry["mode"] != "embedding" or ability == "context") and entry.get(field):
            known[ability] = int(entry[field])
    if backend == "bedrock" and entry["mode"] == "embedding":
        known["vectors"] = next(body for body in ("cohere", "titan", "nova") if body in name)
    return known


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


def wrapped(names):
    """A list of names, in lines of 120."""
    lines, line = [], "models = ["
    for name in names:
        piece = json.dumps(name) + ", "
        if len(line + piece) > 119:
            lines.append(line.rstrip())
            line = "  "
        line += piece
    return "\n".join([*lines, line.rstrip(", ") + "]"])


def main():
    with zipfile.ZipFile(sys.argv[1]) as archive:
        entries = json.loads(archive.read(MAP))
    release = re.search(r"litellm-([0-9.]+)-", sys.argv[1]).group(1)
    with open("prices.json", encoding="utf-8") as file:
        priced = {
            backend: {name for entry in rows for name in entry["names"]}
            for backend, rows in json.load(file)["backends"].items()
        }
    known = {where[:2] for key, entry in entries.items() if (where := address(key, entry))}
    groups, seen = defaultdict(list), set()
    for key, entry in sorted(
        entries.items(), key=lambda item: (not item[0].startswith(("vertex_ai/", "azure/")), item[0])
    ):
        where = address(key, entry)
        if where is None or OTHER.search(where[1]) or not WORTH.search(where[1]) or where[:2] in seen:
            continue
        backend, name, _ = where
        # A dated name without a line of its own is found by the name without the date.
        if name not in priced.get(backend, ()) or (normal(name) != name and (backend, normal(name)) in known):
            continue
        seen.add((backend, name))
        wire, base = dialect(backend, name, entry)
        row = {"dialect": wire, "base-path": base, "can": abilities(backend, name, entry)}
        groups[backend, json.dumps({field: value for field, value in row.items() if value})].append(name)
    lines = [
        "# What models can do, and how they are asked. The first entry that matches counts; `*` is any text. What is not said is",
        "# assumed to be possible: the provider says no where it is not.",
        "#",
        f"# This part is made by tests/models/abilities.py from the price map of litellm {release}.",
        "",
    ]
    for (backend, row), names in sorted(groups.items(), key=lambda item: (item[0][0], item[1])):
        lines += ["[[entry]]", f"backend = {toml(backend)}", wrapped(sorted(names))]
        lines += [f"{field} = {toml(value)}" for field, value in json.loads(row).items()]
        lines.append("")
    with open("abilities.toml", encoding="utf-8") as file:
        hand = HAND + file.read().split(HAND)[1]
    with open("abilities.toml", "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, hand]))


if __name__ == "__main__":
    main()
