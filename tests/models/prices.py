#!/usr/bin/env python3
"""Makes the price list of models/data from two sources that know nothing of each other.

usage: prices.py LITELLM_WHEEL DATE   writes prices.json and prices.md, run from the folder models/data

The first source is the package `genai-prices` (requirements.txt); the second is the price map in the wheel of `litellm`,
which is read and never installed: `pip download --no-deps litellm==1.110.2`. DATE is the day on which both were fetched.
Where both price a model, the first is taken, because it keeps the days from which prices hold; prices.md says where the
second disagrees. What only the second has is taken from there: regions, uplifts, cache writes that are kept for long
and service tiers, the latter two only where both agree on the standard price.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version

from genai_prices.data import providers
from genai_prices.types import StartDateConstraint, TieredPrices

MAP = "litellm/model_prices_and_context_window_backup.json"
MODES = ("chat", "responses", "embedding")
# Not asked by this program: it sends no sound and wants no pictures. Fine-tuned models are named by their owners.
OTHER = re.compile(
    r"audio|realtime|-tts|tts-|transcribe|whisper|image|-live|live-|moderation|search-preview|search-api|deep-research"
    r"|computer-use|robotics|omni|lyria|sonic|rerank|banana|^ft:|davinci|babbage|curie|^ada$|:free$|:extended$"
    r"|-instruct-?\d*$(?<=turbo-instruct)|multimodalembedding"
)
# What may follow a model's name without making another model of it: # is a digit.
SUFFIXES = ["-####-##-##", "-########", "@########", "@default", "@###", "-v1:#", "-v1", ":#"]
# What may come before it.
PREFIXES = ["models/", "publishers/google/models/", "publishers/anthropic/models/", "google/", "anthropic/"]
GEO = re.compile(r"^(us|eu|apac|au|jp|in|us-gov|ca|global)\.")
# Which words mean the same terms.
TIERS = {
    "default": "standard",
    "on-demand": "standard",
    "on-demand-priority": "priority",
    "on-demand-flex": "flex",
    "fast": "priority",
}
FIELDS = {
    "input_mtok": "input",
    "cache_read_mtok": "read",
    "cache_write_mtok": "write",
    "cache_write_1h_mtok": "write-long",
    "output_mtok": "output",
}
COSTS = {
    "input": "input_cost_per_token",
    "read": "cache_read_input_token_cost",
    "write": "cache_creation_input_token_cost",
    "write-long": "cache_creation_input_token_cost_above_1hr",
    "output": "output_cost_per_token",
}
LATER = "cache_creation_input_token_cost_above_12hr"
KNOWN = {provider.id: provider for provider in providers}
# The first source's name of a backend. It has none for the others.
FIRST = {
    "openai": "openai",
    "azure": "azure",
    "bedrock": "aws",
    "bedrock-mantle": "aws",
    "vertex": "google",
    "anthropic": "anthropic",
}


def text(number):
    """A decimal as it is written: no exponent, no trailing zeros."""
    written = format(number.normalize(), "f")
    return written


def normal(name):
    """The name without what may follow it."""
    patterns = [re.escape(suffix).replace(r"\#", r"\d").replace("#", r"\d") + "$" for suffix in SUFFIXES]
    while (shorter := next((cut for one in patterns if (cut := re.sub(one, "", name)) != name), None)) is not None:
        name = shorter
    return name


# The first source -----------------------------------------------------------------------------------------------------


def literals(clause):
    """The names that a clause spells out."""
    for nested in ("or_", "and_"):
        for part in getattr(clause, nested, []):
            yield from literals(part)
    for kind in ("equals", "starts_with", "contains", "ends_with"):
        if hasattr(clause, kind):
            yield getattr(clause, kind).lower().strip("-@/")


def names(model):
    return {model.id.lower(), *literals(model.match)}


def found(provider, name):
    """The model with this name. The source also finds longer names by their beginning; those are other models."""
    model = provider.find_model(name, all_providers=providers)
    if model is None:
        return None
    return model if normal(name) in {normal(known) for known in names(model)} else None


def rates(price):
    """The rates of one price by the size of the prompt above which they hold."""
    values = {short: getattr(price, field) for field, short in FIELDS.items()}
    values = {short: value for short, value in values.items() if value is not None}
    starts = sorted(
        {tier.start for value in values.values() if isinstance(value, TieredPrices) for tier in value.tiers}
    )

    def at(value, start):
        if not isinstance(value, TieredPrices):
            return value
        return next(
            (tier.price for tier in reversed(value.tiers) if start is not None and start >= tier.start), value.base
        )

    made = {short: text(at(value, None)) for short, value in values.items()}
    above = {str(start): {short: text(at(value, start)) for short, value in values.items()} for start in starts}
    return {"rates": made, "above": above} if above else {"rates": made}


def moment(day):
    return datetime.combine(day, time(0), UTC) if day else datetime(1970, 1, 1, tzinfo=UTC)


def terms(model, provider):
    """Every price of a model: by service tier, and from which day. None where it depends on the time of day."""
    conditions = [price.constraint for price in model.prices] if isinstance(model.prices, list) else []
    own = any(model is one for one in provider.models)
    variants = [variant for variant in model.price_variants or [] if own and "processing" not in variant.when]
    constraints = [one for one in [*conditions, *(variant.constraint for variant in variants)] if one is not None]
    if not all(isinstance(one, StartDateConstraint) for one in constraints):
        return None
    days = [None, *sorted({one.start_date for one in constraints})]
    made = []
    for tier in [None, *sorted({word for variant in variants for word in variant.when.values()})]:
        if tier == "default" or (tier == "fast" and provider.id != "anthropic"):
            continue
        mine = [variant for variant in variants if tier in variant.when.values()]
        last = None
        for day in days:
            at = moment(day)
            active = [one for one in mine if one.constraint is None or one.constraint.active(at)]
            if tier and not active:
                continue
            term = rates(model.get_prices(at, active[0].when if tier else None))
            if term != last:
                made.append({**({"tier": tier} if tier else {}), **({"from": day.isoformat()} if day else {}), **term})
            last = term
    standard = [term for term in made if "tier" not in term]
    if not all(Decimal(term["rates"].get("input", "0")) > 0 for term in standard):
        return None
    return made


# The second source ----------------------------------------------------------------------------------------------------


def costs(entry):
    """The prices of an entry of the map, as terms."""
    tiers = {""} | {"_" + tier for tier in ("priority", "flex", "ultrafast")}
    starts = sorted({int(size) for key in entry for size in re.findall(r"_above_(\d+)k_tokens", key)})
    made = []
    for tier in sorted(tiers):

        def at(start, tier=tier):
            size = f"_above_{start}k_tokens" if start else ""
            values = {short: entry.get(field + size + tier) for short, field in COSTS.items()}
            values["write-long"] = values["write-long"] or entry.get(LATER + size + tier)
            return {short: text(value * 1_000_000) for short, value in values.items() if value}

        base = at(None)
        if "input" not in base:
            continue
        above = {str(start * 1000): at(start) for start in starts if "input" in at(start)}
        made.append({**({"tier": tier[1:]} if tier else {}), "rates": base, **({"above": above} if above else {})})
    thinks = entry.get("output_cost_per_reasoning_token")
    if not made or "tier" in made[0] or (thinks and thinks != entry.get("output_cost_per_token")):
        return None
    return made


def uplift(backend, entry):
    """What the price is multiplied by in a place."""
    if backend == "openai":
        factors = {place: entry.get("regional_processing_uplift_multiplier_" + place) for place in ("us", "eu")}
    elif backend == "vertex":
        factors = {"*": entry.get("regional_endpoint_uplift_multiplier")}
    elif backend in ("anthropic", "claude-aws"):
        factors = {"us": entry.get("provider_specific_entry", {}).get("us")}
    else:
        factors = {}
    return {place: text(factor) for place, factor in factors.items() if factor}


def address(key, entry):
    """The backend, the model and the place of a key of the map; None where this program cannot reach it."""
    by, rest = entry.get("litellm_provider", ""), key.lower()
    if entry.get("mode") not in MODES or "commitment" in rest or "*" in rest or "/invoke/" in rest:
        return None
    if by == "openai" and "/" not in rest:
        return "openai", rest, None
    if by == "anthropic" and "/" not in rest:
        return "anthropic", rest, None
    if by == "oci":
        return "oci", rest.removeprefix("oci/"), None
    if rest.startswith("bedrock/claude_platform/"):
        return "claude-aws", rest.rsplit("/", 1)[1], None
    if by.startswith("vertex_ai"):
        return "vertex", rest.removeprefix("vertex_ai/"), None
    if by in ("azure", "azure_ai") and rest.startswith(("azure/", "azure_ai/")):
        parts = rest.split("/")[1:]
        place = {"global-standard": "global"}.get(parts[0], parts[0]) if len(parts) > 1 else None
        if len(parts) > 2 or place not in (None, "global", "us", "eu", "apac", "us-gov"):
            return None
        return "azure", parts[-1], place
    if by in ("bedrock", "bedrock_converse", "bedrock_mantle"):
        parts = [part for part in rest.split("/") if part not in ("bedrock", "bedrock_mantle")]
        backend = "bedrock-mantle" if by == "bedrock_mantle" else "bedrock"
        if len(parts) > 2 or "." not in parts[-1] or (len(parts) == 2 and not re.search(r"-\d$", parts[0])):
            return None
        return backend, parts[-1], parts[0] if len(parts) == 2 else None
    return None


# Both -----------------------------------------------------------------------------------------------------------------


def now(made, day):
    """The standard terms of today."""
    standard = [term for term in made if "tier" not in term and term.get("from", "") <= day]
    return {"rates": standard[-1]["rates"], "above": standard[-1].get("above", {})}


def differences(first, second):
    """Where two standard prices differ, leaving out what only one of them has."""
    for start in [None, *sorted({*first["above"], *second["above"]}, key=int)]:
        here = [price["rates"] if start is None else price["above"].get(start, {}) for price in (first, second)]
        if start is not None and not all(here):
            yield f"above {start}", *("a price of its own" if one else "the same price" for one in here)
            continue
        for short in FIELDS.values():
            one, other = here[0].get(short), here[1].get(short)
            if one and other and one != other:
                yield (short if start is None else f"{short} above {start}"), one, other


def supplemented(made, second, day):
    """The first source's terms with what only the second has. It has to agree on the standard price."""
    if second is None or list(differences(now(made, day), now(second, day))):
        return made, False
    changed = False
    tiers = {term.get("tier") for term in made}
    by_tier = {term.get("tier"): term for term in second}
    for term in made:
        other = by_tier.get(term.get("tier"), {"rates": {}})
        places = [(term["rates"], other["rates"])]
        places += [(rates, other.get("above", {}).get(start, {})) for start, rates in term.get("above", {}).items()]
        for mine, theirs in places:
            if (
                "write" in mine
                and mine["write"] == theirs.get("write")
                and "write-long" not in mine
                and "write-long" in theirs
            ):
                mine["write-long"], changed = theirs["write-long"], True
    # A tier's price is known to hold only for as long as the standard price beside which it was published.
    later = min((term["from"] for term in made if "tier" not in term and term.get("from", "") > day), default=None)
    for tier, term in by_tier.items():
        if tier not in tiers:
            made, changed = [*made, {"source": "litellm", **term, **({"until": later} if later else {})}], True
    return made, changed


def collect(prices, day):
    """Every entry of the list, and what is to be said of it."""
    second, extra = {}, {}
    for key, entry in sorted(
        prices.items(), key=lambda item: (not item[0].startswith(("vertex_ai/", "azure/")), item[0])
    ):
        where = address(key, entry)
        if where is None or OTHER.search(where[1]):
            continue
        if where not in second and (made := costs(entry)):
            second[where] = made
        extra.setdefault(where, uplift(where[0], entry))
    placed = {(backend, name) for backend, name, place in second if place in ("us", "eu")}
    candidates = set(second)
    for backend, provider in FIRST.items():
        for model in KNOWN[provider].models:
            for name in names(model):
                vendor = re.match(r"(?:[a-z-]+\.)?[a-z0-9]+\.[a-z]", name) and "/" not in name
                if backend == "bedrock" and (not vendor or re.match(r"openai\.gpt-[56]", name)):
                    continue
                if backend == "bedrock-mantle":
                    name = GEO.sub("", name)
                    if (backend, name, None) not in second:
                        continue
                if backend == "vertex" and ("/" in name or "." in name and not name.startswith(("gem", "claude"))):
                    continue
                # The beginning of a year is no name.
                if not OTHER.search(name) and not re.search(r"-20\d\d$", name):
                    candidates.add((backend, name, None))
    entries, notes = {}, []
    for backend, name, place in sorted(candidates, key=str):
        key = (backend, name, place)
        provider = KNOWN.get(FIRST.get(backend))
        model = found(provider, name) if provider and place is None else None
        if model and OTHER.search(model.id.lower()):
            model = None
        made, source = (terms(model, provider), "genai-prices") if model else (None, "")
        other = second.get(key)
        if made is None:
            if other is None:
                continue
            made, source = other, "litellm"
        elif other and (differ := list(differences(now(made, day), now(other, day)))):
            lent = not any(model is one for one in provider.models)
            notes.append((backend, name, differ, "litellm" if lent else source))
            if lent:
                made, source = other, "litellm"
        elif other:
            made, both = supplemented(json.loads(json.dumps(made)), other, day)
            source += "+litellm" if both else ""
        where = place or ("global" if backend == "azure" and (backend, name) in placed else None)
        factors = extra.get(key, {}) or extra.get((backend, normal(name), None), {})
        if backend == "vertex" and not factors:
            factors = extra.get((backend, name + "@default", None), {})
        entries.setdefault((backend, name, where), {"source": source, "uplift": factors, "terms": made})
    for (backend, name, where), entry in list(entries.items()):
        # What answers at Bedrock's newer endpoint may leave out who made it.
        if backend == "bedrock-mantle" and name.startswith(("openai.", "anthropic.")):
            entries.setdefault((backend, name.split(".", 1)[1], where), entry)
    return entries, notes


def written(entries):
    """The entries by backend, those with the same prices together."""
    grouped = defaultdict(lambda: defaultdict(list))
    for (backend, name, where), entry in sorted(entries.items(), key=str):
        row = {"where": [where] if where else [], **entry}
        row = {key: value for key, value in row.items() if value}
        grouped[backend][json.dumps(row)].append(name)
    made = {}
    for backend, rows in sorted(grouped.items()):
        made[backend] = sorted(
            ({"names": sorted(found), **json.loads(row)} for row, found in rows.items()),
            key=lambda row: (row["names"], row.get("where", [])),
        )
    return made


def dump(head, backends):
    lines = ["{"]
    lines += [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines.append(' "backends": {')
    for number, (backend, rows) in enumerate(backends.items()):
        lines.append(f"  {json.dumps(backend)}: [")
        lines += [f"   {json.dumps(row, separators=(',', ':'))}{',' if row is not rows[-1] else ''}" for row in rows]
        lines.append("  ]" + ("," if number + 1 < len(backends) else ""))
    return "\n".join([*lines, " }", "}", ""])


DECIDED = """\
Where the sources disagree, genai-prices is taken, because it keeps the days from which prices hold and agreement with it
is what is checked; but a price that it lends from another provider's list (OpenAI's for Azure) gives way to litellm's
for the backend itself. A name that genai-prices finds only by a part of it (`eu.amazon.nova-pro` by `amazon.nova-pro`)
is not taken from there: regions differ in price. Prices of nothing are left out, as is a model whose price depends on the
time of day."""


def report(head, entries, notes, digest):
    counts = Counter((backend, entry["source"]) for (backend, _, _), entry in entries.items())
    kinds = sorted({source for _, source in counts})
    lines = [
        f"# Prices of {head['date']}",
        "",
        f"Made by tests/models/prices.py. SHA-256 of prices.json: `{digest}`.",
        "",
    ]
    lines += [f"- {name} {value}" for name, value in head["sources"].items()]
    lines += [
        "",
        "Names by backend and source:",
        "",
        "| backend | " + " | ".join(kinds) + " |",
        "|---" * (len(kinds) + 1) + "|",
    ]
    for backend in sorted({backend for backend, _ in counts}):
        lines.append(f"| {backend} | " + " | ".join(str(counts[backend, kind]) for kind in kinds) + " |")
    lines += [
        "",
        DECIDED,
        "",
        f"They disagree on {len(notes)} names; US dollars per million tokens, genai-prices before litellm:",
        "",
    ]
    lines += ["| backend | model | taken | differences |", "|---|---|---|---|"]
    for backend, name, differ, taken in notes:
        lines.append(
            f"| {backend} | {name} | {taken} | "
            + "; ".join(f"{what}: {one} / {other}" for what, one, other in differ)
            + " |"
        )
    return "\n".join([*lines, ""])


def main():
    wheel, day = sys.argv[1], date.fromisoformat(sys.argv[2]).isoformat()
    with zipfile.ZipFile(wheel) as archive:
        prices = json.loads(archive.read(MAP), parse_float=Decimal, parse_int=Decimal)
    release = re.search(r"litellm-([0-9.]+)-", wheel).group(1)
    entries, notes = collect(prices, day)
    head = {
        "date": day,
        "sources": {"genai-prices": version("genai-prices"), "litellm": release},
        "tiers": TIERS,
        "prefixes": PREFIXES,
        "suffixes": SUFFIXES,
    }
    made = dump(head, written(entries))
    digest = hashlib.sha256(made.encode()).hexdigest()
    with open("prices.json", "w", encoding="utf-8") as file:
        file.write(made)
    with open("prices.md", "w", encoding="utf-8") as file:
        file.write(report(head, entries, notes, digest))
    print(digest)


if __name__ == "__main__":
    main()
