"""Vectors by Oracle's SDK."""

from oci.generative_ai_inference.models import EmbedTextDetails, OnDemandServingMode

import speakers


class EmbedText:
    def __init__(self, client, headers):
        self.client = client

    def say(self, model, text, streams=False):
        asked = EmbedTextDetails(
            inputs=speakers.texts(text),
            serving_mode=OnDemandServingMode(model_id=model),
            compartment_id="ocid1.compartment.oc1..acme",
            truncate=EmbedTextDetails.TRUNCATE_NONE,
        )
        made = self.client.embed_text(asked).data
        assert made.usage.total_tokens == made.usage.prompt_tokens
        return {"vectors": made.embeddings, "usage": {"input": made.usage.prompt_tokens}}
