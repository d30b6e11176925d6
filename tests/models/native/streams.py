"""What models answer in the tests, event by event, for the serialisers of others."""

USAGE = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 2000,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "output_tokens": 1,
    "service_tier": "standard",
    "inference_geo": "us",
}


def start(**usage):
    message = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage or {"input_tokens": 9, "output_tokens": 1},
    }
    return {"type": "message_start", "message": message}


def block(index, begun, *deltas):
    yield {"type": "content_block_start", "index": index, "content_block": begun}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def end(reason, sequence=None, **usage):
    delta = {"stop_reason": reason, "stop_sequence": sequence, "stop_details": None}
    return [{"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]


def text(*pieces):
    return [{"type": "text_delta", "text": piece} for piece in pieces]


PING = {"type": "ping"}
TOOL = {"type": "tool_use", "id": "toolu_01", "name": "look", "input": {}}
MESSAGES = {
    "everything": [
        start(**USAGE),
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "Let me "},
            {"type": "thinking_delta", "thinking": "see."},
            {"type": "signature_delta", "signature": "c2ln"},
        ),
        PING,
        *block(1, {"type": "redacted_thinking", "data": "cmVk"}),
        *block(2, {"type": "text", "text": ""}, *text("Grü", "ße,\n\ndata: \U0001f600")),
        *block(
            3,
            TOOL,
            {"type": "input_json_delta", "partial_json": ""},
            {"type": "input_json_delta", "partial_json": '{"where": "a \\"b'},
            {"type": "input_json_delta", "partial_json": '\\"", "n": 1.50}'},
        ),
        *block(4, dict(TOOL, id="toolu_02", name="now")),
        *end("tool_use", output_tokens=77, output_tokens_details={"thinking_tokens": 40}),
    ],
    "plain": [
        start(),
        *block(0, {"type": "text", "text": ""}, *text("Hi", "!")),
        *end("end_turn", output_tokens=3, input_tokens=10, cache_read_input_tokens=None),
    ],
    "stop sequence": [
        start(),
        *block(0, {"type": "text", "text": ""}, *text("a")),
        *end("stop_sequence", "END", output_tokens=3),
    ],
    "refusal": [start(), *end("refusal", output_tokens=0)],
    "nothing": [start(), *block(0, {"type": "text", "text": ""}), *end("end_turn", output_tokens=2)],
    "overloaded": [
        start(),
        *block(0, {"type": "text", "text": ""}, *text("Hi")),
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
    ],
}


def delta(index, **piece):
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": piece}}


def stopped(index):
    return {"contentBlockStop": {"contentBlockIndex": index}}


def tool(index, use):
    start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
    return {"contentBlockStart": {"contentBlockIndex": index, "start": start}}


def whole(reason, content, usage, **more):
    message = {"role": "assistant", "content": content}
    return {"output": {"message": message}, "stopReason": reason, "usage": usage, "metrics": METRICS} | more


BEGUN = {"messageStart": {"role": "assistant"}}
METRICS = {"latencyMs": 371}
FEW = {"inputTokens": 9, "outputTokens": 3, "totalTokens": 12}
MANY = {
    "inputTokens": 12,
    "outputTokens": 77,
    "totalTokens": 2389,
    "cacheReadInputTokens": 2000,
    "cacheWriteInputTokens": 300,
    "cacheDetails": [{"ttl": "5m", "inputTokens": 100}, {"ttl": "1h", "inputTokens": 200}],
}
LOOK = {"toolUseId": "tooluse_1", "name": "look", "input": {"where": 'a "b"', "n": 1.5}}
NOW = {"toolUseId": "tooluse_2", "name": "now", "input": {}}
CONVERSE = {
    "everything": (
        [
            BEGUN,
            delta(0, reasoningContent={"text": "Let me "}),
            delta(0, reasoningContent={"text": "see."}),
            delta(0, reasoningContent={"signature": "c2ln"}),
            stopped(0),
            delta(1, reasoningContent={"redactedContent": b"secret "}),
            delta(1, reasoningContent={"redactedContent": b"thoughts"}),
            stopped(1),
            delta(2, text="Grü"),
            delta(2, text="ße,\n\n\U0001f600"),
            stopped(2),
            tool(3, LOOK),
            delta(3, toolUse={"input": '{"where": "a \\"b'}),
            delta(3, toolUse={"input": '\\"", "n": 1.5}'}),
            stopped(3),
            tool(4, NOW),
            stopped(4),
            {"messageStop": {"stopReason": "tool_use"}},
            {"metadata": {"usage": MANY, "metrics": METRICS, "serviceTier": {"type": "default"}}},
        ],
        whole(
            "tool_use",
            [
                {"reasoningContent": {"reasoningText": {"text": "Let me see.", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": b"secret thoughts"}},
                {"text": "Grüße,\n\n\U0001f600"},
                {"toolUse": LOOK},
                {"toolUse": NOW},
            ],
            MANY,
            serviceTier={"type": "default"},
        ),
    ),
    "plain": (
        [
            BEGUN,
            delta(0, text="Hi"),
            stopped(0),
            {"messageStop": {"stopReason": "end_turn"}},
            {"metadata": {"usage": FEW, "metrics": METRICS}},
        ],
        whole("end_turn", [{"text": "Hi"}], FEW),
    ),
    "filtered": (
        [
            BEGUN,
            {"messageStop": {"stopReason": "guardrail_intervened"}},
            {"metadata": {"usage": FEW, "metrics": METRICS, "serviceTier": {"type": "flex"}}},
        ],
        whole("guardrail_intervened", [], FEW, serviceTier={"type": "flex"}),
    ),
    "too long": (
        [
            BEGUN,
            delta(0, text="Hi"),
            tool(1, LOOK),
            delta(1, toolUse={"input": '{"where": "a'}),
            {"messageStop": {"stopReason": "max_tokens"}},
            {"metadata": {"usage": FEW, "metrics": METRICS}},
        ],
        whole("max_tokens", [{"text": "Hi"}], FEW),
    ),
}
