#!/usr/bin/env python3
"""Has the vendors' own SDKs judge the double, and the double refuse what they would not send. usage: judge.py

By every address and login: the case `text`. By one way of each format: every case, whole and streamed, of which the SDK
has to make what `expected.json` says; and every error, of which it has to make the exception, and the decision whether
to ask again, that `errors.toml` says. Then some of it spoilt: each check has to fail where there is something to find.
"""

import collections
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

import controls
import sdks
import speakers
from addresses import SETTINGS
from carriers import Carrier
from cases import CASES, EXPECTED
from errors import ROWS

HERE = pathlib.Path(__file__).parent
GIVEN = SETTINGS[0]
MODELS = {"responses": "gpt-6.1-sol", "chat": "gpt-6.1-sol", "embeddings": "text-embedding-4"}
MODELS |= {"messages": "claude-opus-5-5", "gemini": "gemini-3.8-flash", "converse": "eu.anthropic.claude-opus-5-5-v1:0"}
MODELS |= {"invoke": "eu.cohere.embed-v4:0", "embed-text": "cohere.embed-v4.0"}
MODELS |= {"titan": "amazon.titan-embed-text-v2:0", "nova": "amazon.nova-2-multimodal-embeddings-v1:0"}
VECTORS = ("embeddings", "invoke", "embed-text")
WAYS = [*sdks.ways(), *sdks.by_body()]
HASTE = 0.7
LATE = {"APITimeoutError", "TimeoutException", "ReadTimeoutError"}
CUT = {"APIConnectionError", "ProtocolError"}
BROKEN = {"cut": CUT, "slow": LATE, "silent": LATE, "arguments": {"ValueError"}}


class Wrong(Exception):
    """An SDK makes something else of a reply than what is expected."""


class Double:
    """The double, as a program of its own."""

    def __enter__(self):
        self.program = subprocess.Popen([sys.executable, HERE / "double.py", "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.program.stdout.readline().rpartition(":")[2])
        return self

    def __exit__(self, *_):
        self.program.terminate()
        self.program.wait()

    def observed(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__double/observed") as reply:
            return json.load(reply)


def first(name, provider=None):
    """The first way that writes this."""
    return next(way for way in WAYS if way.name == name and provider in (None, way.provider))


def expected(case, format, said=None):
    """What an SDK has to make of a case: parts, stop, usage and model."""
    told = CASES[case]
    said = said or told.get("otherwise", {}).get(format, told)
    usage = told.get("usage", EXPECTED["usage"])
    return {
        "parts": said["parts"],
        "stop": said["stop"],
        "usage": usage if not usage or "input" in usage else usage[format],
    }


def wanted_parts(parts, case):
    attached = {"image": (speakers.PICTURE, "image/png"), "file": (speakers.DOCUMENT, "application/pdf")}.get(case)
    for part in parts:
        if "text" in part and "call" not in part and attached:
            yield {"text": part["text"].format(bytes=len(attached[0]), media=attached[1])}
        elif "json" in part:
            yield part
        elif "call" in part:
            yield {
                "call": part["call"],
                "raw": part.get("text") or json.dumps(part["arguments"], separators=(",", ":")),
            }
        else:
            yield part


def compare(case, way, made, said=None):
    wanted = expected(case, way.format, said)
    parts = list(wanted_parts(wanted["parts"], case))
    if parts and "json" in parts[0]:
        made["parts"] = [{"json": json.loads(part["text"])} for part in made["parts"]]
    for name, value in (("parts", parts), ("stop", wanted["stop"]), ("usage", wanted["usage"])):
        if made[name] != value:
            raise Wrong(f"{name}: {made[name]} instead of {value}")
    if "model" in CASES[case] and made["model"] != CASES[case]["model"].format(asked=MODELS[way.format]):
        raise Wrong(f"model: {made['model']}")
    if "region" in CASES[case] and made["region"] != CASES[case]["region"]:
        raise Wrong(f"region: {made['region']}")


def is_refusal(error):
    """Whether the double refused the request."""
    told = [str(error), *(str(getattr(error, name, "")) for name in ("body", "response"))]
    return any("double-refused" in text for text in told)


def converse(double, way, case, streams, carrier=None):
    """A case by this way, in two turns where it has two."""
    if way.format in VECTORS:
        made = speakers.of(way, GIVEN, carrier or Carrier(double.port)).say(MODELS[way.name], "")
        wanted = {name: CASES["one" if way.body else "embed"][name] for name in ("vectors", "usage")}
        if made != wanted:
            raise Wrong(f"{made} instead of {wanted}")
        return
    more = {"image": {"image": speakers.PICTURE}, "file": {"document": speakers.DOCUMENT}, "schema": {"schema": True}}
    asked = more.get(case, {"tools": case in ("tools", "parallel", "arguments")})
    strictly = {"_strict_response_validation": case != "text"}
    speaker = speakers.of(way, GIVEN, carrier or Carrier(double.port), **strictly)
    made = speaker.say(MODELS[way.format], f"case:{case} and so on", streams=streams, **asked)
    compare(case, way, made)
    if "then" in CASES[case]:
        compare(case, way, speaker.answer(CASES[case]["results"]), CASES[case]["then"])


def broken(double, way, case, streams):
    """A case that ends in an error of the SDK's own: the answer is cut, does not come, or cannot be read."""
    more = {"timeout": HASTE} if case in ("slow", "silent") else {}
    speaker = speakers.of(way, GIVEN, Carrier(double.port), **more)
    try:
        speaker.say(MODELS[way.format], f"case:{case}", streams=streams, tools=case == "arguments")
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        # Of a body that is cut, Amazon's SDK makes an answer without anything in it.
        nothing = case == "cut" and way.format == "converse" and str(error) == "'output'"
        if not kinds & BROKEN[case] and not nothing:
            raise Wrong(f"{error!r} instead of one of {BROKEN[case]}") from None
        return
    raise Wrong("the SDK takes it for an answer")


def failing(double, way, row):
    """An error: its exception where it is not asked again, and whether it is."""
    streams = "event" in row or "frame" in row
    sent = {}
    for times in (1, 2):
        carrier = Carrier(double.port)
        try:
            speaker = speakers.of(way, GIVEN, carrier, times)
            speaker.say(MODELS[way.format], f"case:error:{row['name']}", streams=streams)
        except Exception as error:
            sent[times] = carrier.sent
            names = [kind.__name__ for kind in type(error).__mro__] + [str(error)]
            # What Amazon's and Oracle's SDKs raise is told apart by its code.
            amazon = way.format in ("converse", "invoke")
            names.append(error.response["Error"]["Code"] if amazon else getattr(error, "code", None))
            if row["raises"] not in names:
                raise Wrong(f"{error!r} instead of {row['raises']}") from None
        else:
            raise Wrong("the SDK takes it for an answer")
    then = "retried" if sent[2] == 2 else "told"
    if then != row["then"]:
        raise Wrong(f"{then} instead of {row['then']}")


def checks():
    """Everything that is judged: its name, a function, and what it is given."""
    for number, way in enumerate(WAYS):
        for streams in (False, True)[: 1 if way.format in VECTORS else 2]:
            name = f"{way.provider} {way.name}, way {number}" + (", streamed" if streams else "")
            yield name, converse, (way, "text", streams)
    for case, told in CASES.items():
        for format in told.get("formats", EXPECTED["all"]):
            if format in VECTORS:
                continue
            said = told.get("otherwise", {}).get(format, told)
            judged = broken if "error" in said and "parts" not in said else converse
            for streams in (True,) if said.get("unstreamed") is False else (False, True):
                yield f"{format}, {case}" + (", streamed" if streams else ""), judged, (first(format), case, streams)
    for case in ("tools", "parallel"):
        # Gemini adds something to OpenAI's format.
        for streams in (False, True):
            yield (
                f"vertex chat, {case}" + (", streamed" if streams else ""),
                converse,
                (first("chat", "vertex"), case, streams),
            )
    for row in ROWS:
        for format in row["formats"]:
            for provider in row.get("providers", [None]):
                yield f"{format}, error {row['name']}", failing, (first(format, provider), row)


def judged(double, check):
    name, judge, given = check
    try:
        judge(double, *given)
    except Exception as error:
        return f"{name}: {type(error).__name__}: {str(error)[:400]}"


def hung_up(double):
    """Who gave up waiting was seen to: the double knows it within a moment."""
    for _ in range(50):
        seen = [one for one in double.observed() if one["case"] in ("slow", "silent")]
        if seen and all(one["closed_early"] for one in seen):
            return
        time.sleep(0.1)
    yield f"a client that hung up was not noticed: {seen}"


def main():
    with Double() as double, concurrent.futures.ThreadPoolExecutor(4) as pool:
        todo = list(checks())
        faults = [fault for fault in pool.map(lambda check: judged(double, check), todo) if fault]
        faults += hung_up(double)
        kinds = collections.Counter(judge.__name__ for _, judge, _ in todo)
        print(f"the double: {kinds['converse']} conversations, {kinds['failing']} errors, {kinds['broken']} broken off")
        found, missed = controls.run(double)
        print(f"the double: {found} of {found + len(missed)} spoilt requests and replies found")
    for fault in faults + missed:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults or missed))


if __name__ == "__main__":
    main()
