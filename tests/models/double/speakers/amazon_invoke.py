"""Vectors by InvokeModel: by Cohere's SDK, which knows its models' bodies, by langchain-aws, which knows those of Amazon's
models, and by Amazon's SDK, which knows the rest.
"""

import json
import logging

import cohere
from langchain_aws import BedrockEmbeddings

import speakers

# It prints what it raises as well.
logging.getLogger("langchain_aws").setLevel(logging.CRITICAL)


class Invoke:
    def __init__(self, client, headers):
        self.client = client

    def say(self, model, text, streams=False):
        if model.startswith("amazon."):
            counted = Counted(self.client)
            vector = BedrockEmbeddings(client=counted, model_id=model).embed_query(text or speakers.ONE)
            return told([vector], counted.count)
        asked = {"texts": speakers.texts(text), "input_type": "search_document", "truncate": "NONE"}
        if isinstance(self.client, cohere.ClientV2):
            made = self.client.embed(model=model, **asked)
            return told(made.embeddings.float_, made.meta.billed_units.input_tokens)
        counted = Counted(self.client)
        made = counted.invoke_model(modelId=model, body=json.dumps(asked))
        return told(json.load(made["body"])["embeddings"]["float"], counted.count)


class Counted:
    """Amazon's client, with the tokens that its last reply counted."""

    def __init__(self, client):
        self.client = client

    def invoke_model(self, **asked):
        made = self.client.invoke_model(**asked)
        self.count = int(made["ResponseMetadata"]["HTTPHeaders"]["x-amzn-bedrock-input-token-count"])
        return made


def told(vectors, count):
    return {"vectors": vectors, "usage": {"input": count}}
