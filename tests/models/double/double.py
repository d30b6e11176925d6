#!/usr/bin/env python3
"""A double of every provider of models, over plain HTTP on loopback. usage: double.py PORT

PORT 0 is any; the address is printed when requests are answered. A request comes with the path and the header `Host`
that the provider would be sent, and the last text of its user begins with `case:NAME`, which says what is answered:
README.md has the list. What others would not take is refused with status 400 and the header `x-double-refused`.
"""

import importlib
import json
import os
import sys
import threading
import traceback

import errors
import places
import serving
from cases import Refused, answer

FORMATS = ("chat", "responses", "embeddings", "converse", "gemini", "messages", "invoke", "embed-text")


def spoken(format):
    return importlib.import_module("formats." + format.replace("-", "_"))


class Double:
    def __init__(self):
        self.observed = []

    def load(self):
        """Others' types take seconds to load. It is done beside, and at once for a format that is asked for."""
        try:
            for name in FORMATS:
                spoken(name)
        except Exception:
            traceback.print_exc()
            os._exit(1)

    def reply(self, request):
        """What is answered, and what is noted of the request."""
        if request.path == "/__double/observed":
            return self.told(request), {}
        seen = {"host": request.host, "path": request.path, "case": None, "closed_early": False}
        self.observed.append(seen)
        try:
            return self.judged(request, seen), seen
        except places.Nowhere as nowhere:
            return serving.refusal(404, str(nowhere)), seen
        except Refused as refused:
            return serving.refusal(400, str(refused)), seen
        except Exception as error:
            traceback.print_exc()
            return serving.refusal(500, f"the double has a fault: {error!r}"), seen

    def judged(self, request, seen):
        place = places.find(request)
        format, body = spoken(place.format), request.json()
        format.judge(request, body)
        asked = format.read(request, body)
        seen["case"] = asked.case
        if asked.case.startswith("error:"):
            return errors.reply(asked.case.removeprefix("error:"), place, asked, format)
        answered = answer(asked, place)
        reply = format.streamed(answered) if asked.streams else format.whole(answered)
        return serving.paced(reply, answered, asked.streams)

    def told(self, request):
        if request.method == "DELETE":
            self.observed.clear()
        return serving.Reply(200, {"content-type": "application/json"}, [json.dumps(self.observed).encode()])


def main():
    double = Double()
    server = serving.Server(int(sys.argv[1]), double.reply)
    print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=double.load, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
