"""Chat Completions and embeddings, by OpenAI's SDK."""

import base64

from openai.lib.streaming.chat import ChatCompletionStreamState

import speakers

STOP = {"stop": "end", "length": "length", "tool_calls": "tool-calls", "content_filter": "content-filter"}


class Chat:
    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def say(self, model, text, streams=False, tools=False, schema=False, image=None, document=None, **more):
        content = [{"type": "text", "text": text}]
        if image:
            url = f"data:image/png;base64,{base64.b64encode(image).decode()}"
            content.append({"type": "image_url", "image_url": {"url": url}})
        if document:
            data = f"data:application/pdf;base64,{base64.b64encode(document).decode()}"
            content.append({"type": "file", "file": {"filename": "oslo.pdf", "file_data": data}})
        self.asked = {"model": model, "stream": streams} | more
        if streams:
            self.asked["stream_options"] = {"include_usage": True}
        if tools:
            function = {"name": "weather", "parameters": speakers.PLACE, "strict": True}
            self.asked["tools"] = [{"type": "function", "function": function}]
        if schema:
            described = {"name": "answer", "schema": speakers.SCHEMA, "strict": True}
            self.asked["response_format"] = {"type": "json_schema", "json_schema": described}
        self.messages = [{"role": "user", "content": content}]
        return self.ask()

    def answer(self, results):
        message = self.last.choices[0].message
        calls = [call.to_dict() for call in message.tool_calls]
        for call in calls:
            call.pop("index", None), call["function"].pop("parsed_arguments", None)
        self.messages.append({"role": "assistant", "tool_calls": calls})
        for call, result in zip(calls, results, strict=True):
            self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        return self.ask()

    def ask(self):
        made = self.client.chat.completions.create(messages=self.messages, extra_headers=self.headers, **self.asked)
        if self.asked["stream"]:
            state = ChatCompletionStreamState()
            for chunk in made:
                state.handle_chunk(chunk)
            made = state.current_completion_snapshot
        self.last = made
        return self.told(made)

    def told(self, completion):
        [choice] = completion.choices
        assert choice.finish_reason, "the stream ended before the answer did"
        message, parts = choice.message, []
        if message.content:
            parts.append({"text": message.content})
        if message.refusal:
            parts.append({"refusal": message.refusal})
        for call in message.tool_calls or []:
            parts.append({"call": call.function.name, "raw": call.function.arguments})
        stop = "refusal" if message.refusal else STOP[choice.finish_reason]
        return {"parts": parts, "stop": stop, "usage": self.usage(completion.usage), "model": completion.model}

    def usage(self, told):
        if not told:
            return None
        read, wrote = told.prompt_tokens_details, told.completion_tokens_details
        cached, written = (read.cached_tokens, read.cache_write_tokens) if read else (0, 0)
        assert told.total_tokens == told.prompt_tokens + told.completion_tokens
        input = told.prompt_tokens - cached - written
        return speakers.usage(input, cached, written, 0, told.completion_tokens, wrote.reasoning_tokens if wrote else 0)


class Embeddings:
    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def say(self, model, text, streams=False):
        made = self.client.embeddings.create(model=model, input=speakers.texts(text), extra_headers=self.headers)
        assert made.usage.total_tokens == made.usage.prompt_tokens
        return {"vectors": [item.embedding for item in made.data], "usage": {"input": made.usage.prompt_tokens}}
