"""Messages, by Anthropic's SDK."""

import base64
import json

import speakers

STOP = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool-calls",
    "refusal": "refusal",
}


class Messages:
    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def say(self, model, text, streams=False, tools=False, schema=False, image=None, document=None, **more):
        content = [{"type": "text", "text": text}]
        if image:
            content.append(self.attached("image", "image/png", image))
        if document:
            content.append(self.attached("document", "application/pdf", document))
        self.streams = streams
        self.asked = {"model": model, "max_tokens": 500} | more
        if tools:
            self.asked["tools"] = [{"name": "weather", "input_schema": speakers.PLACE, "strict": True}]
        if schema:
            self.asked["output_config"] = {"format": {"type": "json_schema", "schema": speakers.SCHEMA}}
        self.messages = [{"role": "user", "content": content}]
        return self.ask()

    def attached(self, kind, media, data):
        source = {"type": "base64", "media_type": media, "data": base64.b64encode(data).decode()}
        return {"type": kind, "source": source}

    def answer(self, results):
        self.messages.append({"role": "assistant", "content": self.last.content})
        calls = [block for block in self.last.content if block.type == "tool_use"]
        content = [
            {"type": "tool_result", "tool_use_id": call.id, "content": result}
            for call, result in zip(calls, results, strict=True)
        ]
        self.messages.append({"role": "user", "content": content})
        return self.ask()

    def ask(self):
        asked = self.asked | {"messages": self.messages, "extra_headers": self.headers}
        if self.streams:
            with self.client.messages.stream(**asked) as stream:
                self.last = stream.get_final_message()
        else:
            self.last = self.client.messages.create(**asked)
        return self.told(self.last)

    def told(self, message):
        assert message.stop_reason, "the stream ended before the answer did"
        parts = []
        for block in message.content:
            if block.type == "text":
                word = "refusal" if message.stop_reason == "refusal" else "text"
                parts.append({word: block.text})
            elif block.type == "tool_use":
                parts.append({"call": block.name, "raw": json.dumps(block.input, separators=(",", ":"))})
        made = {"parts": parts, "stop": STOP[message.stop_reason], "usage": self.usage(message.usage)}
        return made | {"model": message.model, "region": message.usage.inference_geo}

    def usage(self, told):
        kept, thought = told.cache_creation, told.output_tokens_details
        short, long = (kept.ephemeral_5m_input_tokens, kept.ephemeral_1h_input_tokens) if kept else (0, 0)
        written = told.cache_creation_input_tokens or 0
        assert short + long == written
        read, thinking = told.cache_read_input_tokens or 0, thought.thinking_tokens if thought else 0
        return speakers.usage(told.input_tokens, read, written, long, told.output_tokens, thinking)
