"""Vectors by InvokeModel: by Cohere's SDK, which knows its models' bodies, and by Amazon's, which knows the rest."""

import json

import cohere

import speakers


class Invoke:
    def __init__(self, client, headers):
        self.client = client

    def say(self, model, text, streams=False):
        asked = {"texts": speakers.texts(text), "input_type": "search_document", "truncate": "NONE"}
        if isinstance(self.client, cohere.ClientV2):
            made = self.client.embed(model=model, **asked)
            return told(made.embeddings.float_, made.meta.billed_units.input_tokens)
        made = self.client.invoke_model(modelId=model, body=json.dumps(asked))
        count = made["ResponseMetadata"]["HTTPHeaders"]["x-amzn-bedrock-input-token-count"]
        return told(json.load(made["body"])["embeddings"]["float"], int(count))


def told(vectors, count):
    return {"vectors": vectors, "usage": {"input": count}}
