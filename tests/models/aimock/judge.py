#!/usr/bin/env python3
"""Has the vendors' own SDKs read what aimock answers to our fixtures. usage: judge.py ADDRESS

What they read has to be what `../double/expected.json` says of the same case, and an error has to be one of the right
status. What aimock is known to answer wrongly stands in DEFECTS, and has to be wrong still: a defect that is gone is a
reason to use it for more.
"""

import concurrent.futures
import json
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "double"))

import judge as double  # noqa: E402
import speakers  # noqa: E402
from carriers import Carrier  # noqa: E402
from cases import CASES  # noqa: E402

PLACES = [
    ("openai", "responses"),
    ("openai", "chat"),
    ("azure", "responses"),
    ("azure", "chat"),
    ("bedrock", "responses"),
    ("bedrock", "chat"),
    ("oracle", "responses"),
    ("oracle", "chat"),
    ("compatible", "chat"),
    ("anthropic", "messages"),
    ("claude-aws", "messages"),
    ("vertex", "gemini"),
    ("bedrock", "converse"),
]
SAID = ("text", "tools", "parallel", "schema")
# The status of an error that comes; nothing where what comes is no answer.
ERRORS = {"busy": 429, "failed": 500, "limited": 429, "dropped": 500}
ERRORS |= {"malformed": None, "disconnected": None, "cut": None}
NOWHERE = {
    ("vertex", "responses"): "there is no path of Vertex for OpenAI's format",
    ("vertex", "chat"): "there is no path of Vertex for OpenAI's format",
    ("vertex", "messages"): "there is no path of Vertex for Claude",
    ("azure", "messages"): "there is no path of Foundry for Claude",
    ("bedrock", "messages"): "there is no path of mantle for Claude",
}
STREAM = "its events of Converse are not as the model of Amazon has them"
DEFECTS = {("bedrock", "converse", case, True): STREAM for case in SAID}
DEFECTS |= {(*place, "text", streams): why for place, why in NOWHERE.items() for streams in (False, True)}


def put(port, provider, format, case, streams):
    """What an SDK makes of a case: what was said, or the status of an error, or nothing of it."""
    speaker = speakers.of(double.first(format, provider), double.GIVEN, Carrier(port))
    asked = {"tools": case in ("tools", "parallel"), "schema": case == "schema"}
    try:
        made = speaker.say(double.MODELS[format], f"case:{case}", streams=streams, **asked)
        turns = [made, speaker.answer(CASES[case]["results"])] if asked["tools"] else [made]
    except Exception as error:
        return status(error)
    return [(turn["parts"], turn["stop"]) for turn in turns]


def status(error):
    if isinstance(getattr(error, "response", None), dict):
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = getattr(error, "status_code", None) or getattr(error, "code", None)
    return code if isinstance(code, int) else None


def wanted(case):
    """What is expected of a case; unstreamed, an answer cannot be cut by aimock."""
    if case in ERRORS:
        return ERRORS[case]
    turns = [CASES[case], CASES[case]["then"]] if "then" in CASES[case] else [CASES[case]]
    return [(list(double.wanted_parts(turn["parts"], case)), turn["stop"]) for turn in turns]


def checks():
    """Every conversation, and why it goes wrong where it is known to."""
    for place in [*PLACES, *NOWHERE]:
        for case in (*SAID, *ERRORS) if place not in NOWHERE else ("text",):
            for streams in (True,) if case == "cut" else (False, True):
                yield (*place, case, streams), DEFECTS.get((*place, case, streams))


def judged(port, way, why):
    provider, format, case, streams = way
    made, expected = put(port, *way), wanted(case)
    if case == "schema" and isinstance(made, list):
        made = [([{"json": json.loads(part["text"])} for part in parts], stop) for parts, stop in made]
    if (made == expected) != bool(why):
        return None
    name = f"{provider} {format}, {case}{', streamed' if streams else ''}"
    return f"{name}: {made}" + (f", although {why}" if why else f" instead of {expected}")


def main():
    warnings.simplefilter("ignore")
    port, todo = int(sys.argv[1].rpartition(":")[2]), list(checks())
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        faults = [fault for fault in pool.map(lambda check: judged(port, *check), todo) if fault]
    print(f"aimock: {len(todo)} conversations, {len(faults)} otherwise than is known")
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
