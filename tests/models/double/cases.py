"""What is asked, and what is answered to each case, in words of no provider's format.

The facts stand in `expected.json`, by which others judge what they make of the replies.
"""

import dataclasses
import json
import pathlib

EXPECTED = json.loads((pathlib.Path(__file__).parent / "expected.json").read_text())
CASES = EXPECTED["cases"]
PIECES = 3


class Refused(Exception):
    """Others would not take the request, or it is not what the case needs."""


@dataclasses.dataclass
class Asked:
    """A question, as its format was read."""

    model: str
    streams: bool
    texts: list = dataclasses.field(default_factory=list)
    results: list = dataclasses.field(default_factory=list)
    calls: list = dataclasses.field(default_factory=list)
    echoed: list = dataclasses.field(default_factory=list)
    pictures: list = dataclasses.field(default_factory=list)
    documents: list = dataclasses.field(default_factory=list)
    schema: dict | None = None
    tools: list = dataclasses.field(default_factory=list)
    more: dict = dataclasses.field(default_factory=dict)

    @property
    def case(self):
        named = [text for text in self.texts if text.startswith("case:")]
        if not named:
            raise Refused("no text of the user begins with `case:NAME`")
        return named[-1].removeprefix("case:").split()[0]


@dataclasses.dataclass
class Text:
    text: str


@dataclasses.dataclass
class Refusal:
    text: str


@dataclasses.dataclass
class Call:
    """A call of a tool; `raw` are its arguments as text where they are no JSON."""

    number: int
    name: str
    arguments: dict | None
    raw: str


@dataclasses.dataclass
class Answer:
    case: str
    format: str
    provider: str
    model: str
    parts: list
    stop: str
    usage: dict | None
    thinks: bool = False
    strewn: bool = False
    region: str | None = None
    more: dict = dataclasses.field(default_factory=dict)

    @property
    def calls(self):
        return [part for part in self.parts if isinstance(part, Call)]


def answer(asked, place):
    name = asked.case
    case = CASES.get(name)
    if case is None:
        raise Refused(f"there is no case `{name}`; there are {', '.join(CASES)} and `error:ROW`")
    if place.format not in case.get("formats", EXPECTED["all"]):
        raise Refused(f"the format {place.format} has no case `{name}`")
    if place.provider not in case.get("providers", [place.provider]):
        raise Refused(f"{place.provider} does not answer the case `{name}`")
    said = case.get("otherwise", {}).get(place.format, case)
    if "then" in case and asked.results:
        said = concluded(asked, case)
    if "error" in said and "parts" not in said:
        said = CASES["arguments" if said["error"] == "arguments" else "text"]
    if name == "schema":
        look_at(asked.schema)
    if name in ("tools", "parallel", "arguments") and "weather" not in asked.tools:
        raise Refused("the case needs a tool `weather`")
    return Answer(
        case=name,
        format=place.format,
        provider=place.provider,
        model=served(asked, place, case),
        parts=[part(number, told, asked) for number, told in enumerate(said.get("parts", []))],
        stop="window" if name == "window" else said.get("stop", "end"),
        usage=usage(case, place.format),
        thinks=name == "tools" and not asked.results,
        strewn=name == "text",
        region=case.get("region"),
        more=asked.more,
    )


def part(number, told, asked):
    if "call" in told:
        raw = told.get("text") or json.dumps(told["arguments"], separators=(",", ":"))
        return Call(number, told["call"], told.get("arguments"), raw)
    if "refusal" in told:
        return Refusal(told["refusal"])
    if "json" in told:
        return Text(json.dumps(told["json"], separators=(",", ":")))
    return Text(fill(told["text"], asked))


def fill(text, asked):
    """The text with what the model saw."""
    if "{bytes}" not in text:
        return text
    seen = asked.pictures if "picture" in text else asked.documents
    if len(seen) != 1:
        raise Refused(f"the case needs one attachment, and there are {len(seen)}")
    media, data = seen[0]
    return text.format(bytes=len(data), media=media)


def concluded(asked, case):
    """The answer to the results of tools, which have to be those of the calls, in their order."""
    wanted = len(case["parts"])
    if len(asked.results) != wanted:
        raise Refused(f"{len(asked.results)} results of {wanted} calls")
    places = [call["arguments"]["place"] for call in case["parts"]]
    given = [json.loads(call) if isinstance(call, str) else call for call in asked.calls]
    if given != [call["arguments"] for call in case["parts"]]:
        raise Refused(f"the calls came back as {given}")
    said = " and ".join(f"{result} in {place}" for result, place in zip(asked.results, places))
    return {"parts": [{"text": f"It is {said}."}], "stop": "end"}


def look_at(schema):
    wanted = {"city": "string", "people": "integer"}
    if not isinstance(schema, dict):
        raise Refused("the request has no schema where its format has a place for it")
    found = {name: str(one.get("type")).lower() for name, one in schema.get("properties", {}).items()}
    if found != wanted or sorted(schema.get("required", [])) != sorted(wanted):
        raise Refused(f"the schema is another: {json.dumps(schema)}")


def served(asked, place, case):
    """The model that says that it answered. A deployment's name is none, and OpenAI's own name has a date."""
    name = "gpt-6.1-sol" if place.provider == "azure" and place.format != "messages" else asked.model
    if "model" in case:
        return case["model"].format(asked=name)
    return name + "-2026-09-15" if place.provider in ("openai", "azure") and place.format != "messages" else name


def usage(case, format):
    told = case.get("usage", EXPECTED["usage"])
    if told is None or "input" in told:
        return told
    return told[format]


def pieces(text):
    """A text in several pieces, none of which is empty."""
    size = max(1, -(-len(text) // PIECES))
    return [text[start : start + size] for start in range(0, len(text), size)]
