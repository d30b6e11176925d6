// Summarises a text: the fixture for skills that jco builds.
import { log } from "skillhost:skill/logging@0.1.0";

export const tools = {
  summarise(text) {
    const words = text.match(/\p{Letter}+/gu) ?? [];
    if (words.length === 0) {
      // What is thrown with a payload is the error of the result.
      throw Object.assign(new Error("no words"), {
        payload: {
          code: "invalid-argument",
          message: "Give a `text` with at least one word.",
          retryAfterMs: undefined,
          details: [["field", "text"]],
        },
      });
    }
    log("info", `summarising ${words.length} words`);
    return { opening: opening(text), words: words.length, mostFrequent: mostFrequent(words) };
  },
};

function opening(text) {
  return text.trim().match(/^.*?[.!?](?=\s|$)|^.*/su)[0];
}

function mostFrequent(words) {
  const counts = new Map();
  for (const word of words.map((word) => word.toLowerCase())) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const [word, count] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
  return count > 1 ? word : undefined;
}
