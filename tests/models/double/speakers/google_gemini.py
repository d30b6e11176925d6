"""Gemini, by Google's SDK."""

import json

from google.genai import types

import speakers

STOP = {"STOP": "end", "MAX_TOKENS": "length", "SAFETY": "content-filter"}


class Ended(Exception):
    """There is no answer, and this is why."""


class Gemini:
    def __init__(self, client, headers):
        self.client = client

    def say(self, model, text, streams=False, tools=False, schema=False, image=None, document=None, **more):
        parts = [types.Part.from_text(text=text)]
        if image:
            parts.append(types.Part.from_bytes(data=image, mime_type="image/png"))
        if document:
            parts.append(types.Part.from_bytes(data=document, mime_type="application/pdf"))
        config = dict(more)
        if tools:
            declared = {"name": "weather", "parameters_json_schema": speakers.PLACE}
            config["tools"] = [{"function_declarations": [declared]}]
            config["automatic_function_calling"] = {"disable": True}
        if schema:
            config |= {"response_mime_type": "application/json", "response_json_schema": speakers.SCHEMA}
        self.model, self.streams, self.config = model, streams, config
        self.contents = [types.Content(role="user", parts=parts)]
        return self.ask()

    def answer(self, results):
        self.contents.append(self.last)
        calls = [part.function_call for part in self.last.parts if part.function_call]
        parts = [
            types.Part(
                function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": result})
            )
            for call, result in zip(calls, results, strict=True)
        ]
        self.contents.append(types.Content(role="user", parts=parts))
        return self.ask()

    def ask(self):
        asked = {"model": self.model, "contents": self.contents, "config": self.config}
        if self.streams:
            pieces = list(self.client.models.generate_content_stream(**asked))
        else:
            pieces = [self.client.models.generate_content(**asked)]
        last = pieces[-1]
        if last.prompt_feedback and last.prompt_feedback.block_reason:
            raise Ended(f"blocked: {last.prompt_feedback.block_reason.value}")
        said = [piece.candidates[0].content for piece in pieces if piece.candidates]
        parts = [part for content in said if content for part in content.parts or []]
        self.last = types.Content(role="model", parts=parts)
        finish = last.candidates[0].finish_reason
        if finish and finish.value == "MISSING_THOUGHT_SIGNATURE":
            raise Ended(f"finished: {finish.value}")
        assert finish, "the stream ended before the answer did"
        return self.told(last, parts, finish.value)

    def told(self, last, parts, finish):
        said = []
        for part in parts:
            if part.function_call:
                raw = json.dumps(part.function_call.args, separators=(",", ":"))
                said.append({"call": part.function_call.name, "raw": raw})
            elif part.text and not part.thought:
                if said and "text" in said[-1]:
                    said[-1]["text"] += part.text
                else:
                    said.append({"text": part.text})
        stop = "tool-calls" if said and "call" in said[-1] else STOP.get(finish, finish)
        return {"parts": said, "stop": stop, "usage": self.usage(last.usage_metadata), "model": last.model_version}

    def usage(self, told):
        if not told or told.prompt_token_count is None:
            return None
        cached, thought = told.cached_content_token_count or 0, told.thoughts_token_count or 0
        output = told.candidates_token_count + thought
        assert told.total_token_count == told.prompt_token_count + output
        return speakers.usage(told.prompt_token_count - cached, cached, 0, 0, output, thought)
