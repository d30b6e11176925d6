"""The errors of `errors.toml`, as replies."""

import json
import pathlib
import tomllib

import serving
from cases import EXPECTED, Answer, Refused, Text, served

ROWS = tomllib.loads((pathlib.Path(__file__).parent / "errors.toml").read_text())["error"]


def row(name, place):
    for row in ROWS:
        if row["name"] == name and place.format in row["formats"]:
            if place.provider not in row.get("providers", [place.provider]):
                raise Refused(f"{place.provider} does not answer the error `{name}`")
            return row
    known = [row["name"] for row in ROWS if place.format in row["formats"]]
    raise Refused(f"the format {place.format} has no error `{name}`; it has {', '.join(known)}")


def reply(name, place, asked, spoken):
    told = row(name, place)
    answer = Answer(
        case="error-" + name,
        format=place.format,
        provider=place.provider,
        model=served(asked, place, {}),
        parts=[Text("Oslo is the capital of Norway.")],
        stop="end",
        usage=EXPECTED["usage"],
        more=asked.more,
    )
    if told["status"] == 200:
        return after(told, answer, asked, spoken)
    headers = {"content-type": "application/json"} | told.get("headers", {})
    return serving.Reply(told["status"], headers, [told["body"].encode()])


def after(told, answer, asked, spoken):
    """An error after status 200: as an answer, as an event or as a frame of its stream."""
    if "event" not in told and "frame" not in told:
        return spoken.instead(json.loads(told["body"]), answer, asked.streams)
    if not asked.streams:
        raise Refused(f"the error `{told['name']}` comes in streams; ask for one")
    event = {"name": told["frame"], "body": told["body"]} if "frame" in told else json.loads(told["event"])
    whole = spoken.streamed(answer)
    return serving.Reply(200, whole.headers, list(spoken.failed(event, answer)))
