#!/usr/bin/env python3
"""Has genai-prices price calls to the models of the price list, for the tests of `models`.

usage: examples.py   reads prices.json and writes examples.json, run from the folder models/data

An example is [backend, model, region, tier, day, [input, read, write, write-long, output], billionths of a dollar]. The
models are those that the list took from genai-prices; the day, the tier and the size of the prompt come from the bounds
of the list, and the tokens by chance from a fixed seed. The price is what its public `calc_price` says.
"""

import json
import random
import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from genai_prices import Usage, calc_price

PROVIDERS = {
    "openai": "openai",
    "azure": "azure",
    "bedrock": "aws",
    "bedrock-mantle": "aws",
    "vertex": "google",
    "anthropic": "anthropic",
}
EACH = 100
chance = random.Random(1)


def split(total, rates):
    """The input, cut at random into what the list has a price for."""
    parts = {"read": 0, "write": 0, "write-long": 0}
    for kind in parts:
        if kind in rates and chance.random() < 0.6:
            parts[kind] = chance.randint(0, total // 3)
    return total - sum(parts.values()), parts["read"], parts["write"] + parts["write-long"], parts["write-long"]


def total(term):
    """A number of tokens: anything, or just at a bound."""
    starts = [int(start) for start in term.get("above", {})]
    if starts and chance.random() < 0.7:
        return chance.choice(starts) + chance.choice([-1, 0, 1, 1, chance.randint(2, 500_000)])
    return int(10 ** chance.uniform(0, 6.3))


def day_of(term, entry, today):
    """A day on which the term holds: today, its first day or the last before the next."""
    tier = term.get("tier")
    days = sorted(one["from"] for one in entry["terms"] if one.get("tier") == tier and "from" in one)
    first = term.get("from")
    following = [day for day in days if first is None or day > first]
    choices = [day for day in (first,) if day]
    if following:
        choices.append((datetime.fromisoformat(following[0]) - timedelta(days=1)).date().isoformat())
    if (first or "") <= today and (not following or today < following[0]):
        choices.append(today)
    return chance.choice(choices)


def priced(backend, name, term, day, tokens):
    """What genai-prices says, in billionths of a dollar."""
    base, read, write, long, output = tokens
    counts = {"input_tokens": base + read + write, "output_tokens": output, "cache_read_tokens": read}
    counts |= {"cache_write_tokens": write} if write else {}
    counts |= {"cache_write_1h_tokens": long} if long else {}
    tier = term.get("tier")
    context = {"speed" if backend == "anthropic" else "service_tier": tier} if tier else None
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    price = calc_price(
        Usage(**counts), name, provider_id=PROVIDERS[backend], genai_request_timestamp=at, price_context=context
    )
    with localcontext(Context(prec=60)):
        return int((price.total_price * 10**9).quantize(Decimal(1), ROUND_HALF_EVEN))


def examples(backend, entries, today):
    special = {(name, place) for entry in entries for name in entry["names"] for place in entry.get("where", [])}
    rows = []
    pool = [(entry, name) for entry in entries if entry["source"].startswith("genai-prices") for name in entry["names"]]
    while len(rows) < EACH:
        entry, name = chance.choice(pool)
        term = chance.choice(entry["terms"])
        # What only the other source knows: a tier, or at Bedrock a name without its maker's.
        if "source" in term or (backend == "bedrock-mantle" and not re.match(r"[a-z]+\.", name)):
            continue
        count = total(term)
        rates = dict(term["rates"])
        if "litellm" in entry["source"]:
            # What is kept for long has its price from the other source there.
            rates.pop("write-long", None)
        base, read, write, long = split(count, rates)
        output = chance.randint(0, 40_000) if "output" in rates else 0
        regions = ["global"] if backend in ("openai", "azure", "vertex", "anthropic") else ["us-east-2", "eu-west-9"]
        region = next(one for one in regions if (name, one) not in special or backend == "azure")
        day = day_of(term, entry, today)
        tokens = [base, read, write, long, output]
        rows.append([backend, name, region, term.get("tier"), day, tokens, priced(backend, name, term, day, tokens)])
    return rows


def main():
    with open("prices.json", encoding="utf-8") as file:
        prices = json.load(file)
    rows = [row for backend in PROVIDERS for row in examples(backend, prices["backends"][backend], prices["date"])]
    with open("examples.json", "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
