"""What the formats of vectors share: the texts of a case, and how long their vectors are."""

from cases import CASES, Asked, Refused


def asked(model, texts, dimensions, **more):
    asked = Asked(model=model, streams=False, texts=texts, more={"texts": texts} | more)
    wanted = CASES.get(asked.case, {}).get("vectors", texts)
    if len(texts) != len(wanted):
        raise Refused(f"the case needs {len(wanted)} texts, and there are {len(texts)}")
    if dimensions not in (None, 4):
        raise Refused(f"the case has 4 dimensions and not {dimensions}")
    return asked
