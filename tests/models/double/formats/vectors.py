"""What the formats of vectors share: the two texts of the case, and how long their vectors are."""

from cases import Asked, Refused


def asked(model, texts, dimensions, **more):
    if texts[0].split()[0] == "case:embed" and len(texts) != 2:
        raise Refused(f"the case needs two texts, and there are {len(texts)}")
    if dimensions not in (None, 4):
        raise Refused(f"the case has 4 dimensions and not {dimensions}")
    return Asked(model=model, streams=False, texts=texts, more={"texts": texts} | more)
