"""Summarises a text, tells the time and draws a number: the fixture for skills that componentize-py builds."""

import re
import secrets
import time
from collections import Counter

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.tools import Summary, Surroundings
from wit_world.imports import outgoing_handler
from wit_world.imports.errors import ToolError
from wit_world.imports.logging import Level, log
from wit_world.imports.types import Fields, Method_Post, OutgoingBody, OutgoingRequest


def read(stream) -> bytes:
    pieces = []
    try:
        while True:
            pieces.append(stream.blocking_read(65536))
    except Err:
        return b"".join(pieces)


class Tools(exports.Tools):
    def summarise(self, text: str) -> Summary:
        words = re.findall(r"[^\W\d_]+", text)
        if not words:
            message = "Give a `text` with at least one word."
            raise Err(ToolError("invalid-argument", message, None, [("field", "text")]))
        log(Level.INFO, f"summarising {len(words)} words")
        opening = re.match(r".*?[.!?](?=\s|$)|.*", text.strip(), re.DOTALL).group()
        # Not `most_common`: it imports `heapq` when it is called, and by then there are no files to import from.
        word, count = max(Counter(word.lower() for word in words).items(), key=lambda item: item[1])
        return Summary(opening, len(words), word if count > 1 else None)

    def send(self, binding: str, text: str) -> str:
        request = OutgoingRequest(Fields())
        request.set_method(Method_Post())
        request.set_authority(binding)
        request.set_path_with_query("/fixture")
        body = request.body()
        try:
            future = outgoing_handler.handle(request, None)
        except Err as error:
            message = f"The call failed: {type(error.value).__name__}."
            raise Err(ToolError("denied", message, None, []))
        with body.write() as stream:
            stream.blocking_write_and_flush(text.encode())
        OutgoingBody.finish(body, None)
        future.subscribe().block()
        response = future.get().value.value
        with response.consume() as received, received.stream() as stream:
            return f"{response.status()} {read(stream).decode()}"

    def look_around(self) -> Surroundings:
        return Surroundings(time.time(), secrets.token_hex(8))
