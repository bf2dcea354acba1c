"""Vectors of texts by OpenAI and Gemini, against a double that speaks their wire formats."""

import json

import numpy as np
import pytest

from sage.models import ProviderCall
from sage.providers.errors import ModelMissing, ProviderError
from sage.providers.openai import embeddings
from sage.providers.registry import choose_text_embedder
from tests.model_servers import Reply, gemini_vectors, openai_vectors

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["openai", "gemini"])
def vendor(request, settings, model_vendor):
    settings.TEXT_VECTOR_MODEL = f"{request.param}:test-embedding@8"
    model_vendor.replies = [{"openai": openai_vectors, "gemini": gemini_vectors}[request.param]]
    return request.param


def test_each_text_gets_its_vector_of_length_one(vendor):
    embedder = choose_text_embedder()

    vectors = embedder.embed(["one", "", "three", " \n"])

    assert (embedder.model, embedder.dimensions) == (f"{vendor}:test-embedding@8", 8)
    assert vectors.shape == (4, 8) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1, 0])
    assert vectors[[0, 2], 0] / vectors[[0, 2], 1] == pytest.approx([3, 5])
    assert ProviderCall.objects.get().purpose == "text vectors"


def test_no_text_needs_no_call(vendor, model_vendor):
    assert choose_text_embedder().embed(["", " "]).shape == (2, 8)
    assert choose_text_embedder().embed([]).shape == (0, 8)
    assert model_vendor.received == []


def test_many_texts_are_sent_in_batches(vendor, model_vendor):
    texts = ["x" * (1 + index % 9) for index in range(250)]

    vectors = choose_text_embedder().embed(texts)

    assert len(model_vendor.received) == (2 if vendor == "openai" else 3)
    assert vectors[:, 0] / vectors[:, 1] == pytest.approx([len(text) for text in texts], rel=1e-4)


def test_the_dimensions_are_learned_from_the_first_response(vendor, settings, model_vendor):
    settings.TEXT_VECTOR_MODEL = f"{vendor}:test-embedding"
    embedder = choose_text_embedder()
    known = embedder.dimensions

    vectors = embedder.embed(["one"])

    assert (known, embedder.dimensions, vectors.shape[1]) == ((0, 4, 4) if vendor == "openai" else (1536, 1536, 1536))


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "embeddings": [], "object": "list", "model": "x"},
        {
            "data": [{"object": "embedding", "index": 0, "embedding": [1.0, 2.0]}],
            "embeddings": [{"values": [1.0, 2.0]}],
        },
        ["unexpected"],
        {},
    ],
)
def test_vectors_that_do_not_match_the_texts_are_an_error(vendor, model_vendor, body):
    model_vendor.replies = [Reply([json.dumps(body).encode()])]

    with pytest.raises(ProviderError, match="sent a response that Sage cannot read"):
        choose_text_embedder().embed(["one"])

    assert len(model_vendor.received) == 1


def test_an_unavailable_provider_is_tried_again(vendor, model_vendor):
    model_vendor.replies.insert(0, Reply(status=500))

    assert choose_text_embedder().embed(["one"]).shape == (1, 8)

    assert len(model_vendor.received) == 2


def test_dimensions_that_are_no_number_are_refused(vendor, settings):
    settings.TEXT_VECTOR_MODEL = f"{vendor}:test-embedding@many"

    with pytest.raises(ModelMissing, match="must have a number of dimensions after the @"):
        choose_text_embedder()


def test_tokens_are_recorded(model_vendor, settings):
    settings.TEXT_VECTOR_MODEL = "openai:test-embedding"
    model_vendor.replies = [openai_vectors]

    choose_text_embedder().embed(["one"] * (embeddings.BATCH + 1))

    tokens = ProviderCall.objects.order_by("pk").values_list("input_tokens", flat=True)
    assert list(tokens) == [embeddings.BATCH, 1]
