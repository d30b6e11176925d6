"""Responses, by OpenAI's SDK."""

import base64

import openai

import speakers

STOP = {"max_output_tokens": "length", "content_filter": "content-filter"}


class Responses:
    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def say(self, model, text, streams=False, tools=False, schema=False, image=None, document=None, **more):
        content = [{"type": "input_text", "text": text}]
        if image:
            url = f"data:image/png;base64,{base64.b64encode(image).decode()}"
            content.append({"type": "input_image", "image_url": url, "detail": "auto"})
        if document:
            data = f"data:application/pdf;base64,{base64.b64encode(document).decode()}"
            content.append({"type": "input_file", "filename": "oslo.pdf", "file_data": data})
        self.asked = {
            "model": model,
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "stream": streams,
        } | more
        if tools:
            tool = {"type": "function", "name": "weather", "parameters": speakers.PLACE, "strict": True}
            self.asked["tools"] = [tool]
        if schema:
            format = {"type": "json_schema", "name": "answer", "schema": speakers.SCHEMA, "strict": True}
            self.asked["text"] = {"format": format}
        self.input = [{"role": "user", "content": content}]
        return self.ask()

    def answer(self, results):
        calls = [item for item in self.last.output if item.type == "function_call"]
        self.input += self.last.output
        for call, result in zip(calls, results, strict=True):
            self.input.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
        return self.ask()

    def ask(self):
        made = self.client.responses.create(input=self.input, extra_headers=self.headers, **self.asked)
        self.last = self.gathered(made) if self.asked["stream"] else made
        return self.told(self.last)

    def gathered(self, stream):
        said = ""
        for event in stream:
            if event.type == "error":
                raise openai.APIError(event.message, request=None, body=None)
            if event.type.endswith(("text.delta", "refusal.delta", "arguments.delta")):
                said += event.delta
            if event.type in ("response.completed", "response.incomplete", "response.failed"):
                whole = "".join(self.words(event.response))
                assert said == whole or event.type == "response.failed", f"pieces {said!r} of {whole!r}"
                return event.response
        raise openai.APIError("the stream ended before the response did", request=None, body=None)

    def words(self, response):
        for item in response.output:
            if item.type == "function_call":
                yield item.arguments
            elif item.type == "message":
                yield from (part.text if part.type == "output_text" else part.refusal for part in item.content)

    def told(self, response):
        if response.status == "failed":
            raise openai.APIError("response.failed", request=None, body=response.error)
        parts, refused = [], False
        for item in response.output:
            if item.type == "function_call":
                parts.append({"call": item.name, "raw": item.arguments})
            elif item.type == "message":
                for part in item.content:
                    refused = refused or part.type == "refusal"
                    parts.append({"refusal": part.refusal} if part.type == "refusal" else {"text": part.text})
        stop = "tool-calls" if parts and "call" in parts[-1] else "refusal" if refused else "end"
        if response.status == "incomplete":
            stop = STOP[response.incomplete_details.reason]
        return {"parts": parts, "stop": stop, "usage": self.usage(response.usage), "model": response.model}

    def usage(self, told):
        if not told:
            return None
        read, wrote = told.input_tokens_details, told.output_tokens_details
        cached, written = (read.cached_tokens, read.cache_write_tokens) if read else (0, 0)
        kept = read.cache_write_tokens_details if read else None
        long = kept.ttl_12h_tokens if kept else 0
        assert told.total_tokens == told.input_tokens + told.output_tokens
        input = told.input_tokens - cached - written
        return speakers.usage(input, cached, written, long, told.output_tokens, wrote.reasoning_tokens if wrote else 0)
