"""Requests and responses of Marengo, against a double that speaks the wire format of TwelveLabs."""

import numpy as np
import pytest

from sage.models import ProviderCall
from sage.providers.errors import ModelMissing, ProviderError, ProviderRejected
from sage.providers.registry import choose_clip_embedder
from tests.sage.providers.twelvelabs_server import Scripted, axis
from tests.vendors import BAD

pytestmark = pytest.mark.django_db
FIXED = {"strategy": "fixed", "fixed": {"duration_sec": 2}}


@pytest.mark.parametrize(
    ("name", "segmentation"), [("marengo3.0", FIXED), ("marengo3.5", {"temporal": FIXED})], ids=["3.0", "3.5"]
)
def test_a_task_asks_for_fixed_clips_of_one_kind_and_the_whole(twelvelabs, settings, name, segmentation):
    settings.CLIP_VECTOR_MODEL = f"twelvelabs:{name}"

    assert choose_clip_embedder().create_task(url="https://example.org/a.mp4", seconds=4) == "task-1"

    assert twelvelabs.tasks == [
        {
            "input_type": "video",
            "model_name": name,
            "video": {
                "media_source": {"url": "https://example.org/a.mp4"},
                "segmentation": segmentation,
                "embedding_option": ["visual"],
                "embedding_scope": ["clip", "asset"],
            },
        }
    ]


def test_clips_are_returned_in_order_with_length_one(twelvelabs):
    twelvelabs.clip_count = 3
    twelvelabs.clip_vector = lambda number: [4.0 * value for value in axis(number)]
    embedder = choose_clip_embedder()

    clips = embedder.fetch_clips(embedder.create_task(asset_id="asset-1"))

    assert clips is not None and clips.model == "twelvelabs:marengo3.0"
    assert (clips.starts.tolist(), clips.ends.tolist()) == ([0, 2, 4], [2, 4, 6])
    assert clips.vectors.shape == (3, 512) and clips.vectors.argmax(axis=1).tolist() == [0, 1, 2]
    assert np.linalg.norm(clips.vectors, axis=1) == pytest.approx([1, 1, 1])
    assert clips.whole.argmax() == 500


def clip(start=0.0, end=2.0, vector=None, **more):
    embedding = axis(1) if vector is None else vector
    shared = {"embedding_scope": "clip", "embedding_option": "visual"}
    return {"embedding": embedding, "start_sec": start, "end_sec": end, **shared, **more}


def test_without_a_vector_of_the_whole_it_is_the_mean_of_the_clips(twelvelabs):
    rows = [clip(), clip(2.0, 4.0, axis(2)), clip(4.0, 6.0, axis(9), embedding_option="audio")]
    twelvelabs.scripts["read task"] = [Scripted(200, {"_id": "task-1", "status": "ready", "data": rows})]

    clips = choose_clip_embedder().fetch_clips("task-1")

    assert clips is not None and len(clips.vectors) == 2
    assert clips.whole[[1, 2, 9]] == pytest.approx([0.5**0.5, 0.5**0.5, 0])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [clip(vector=[1.0, 0.0])],
        [clip(start=None)],
        [clip(start=2.0)],
        [clip(), clip()],
        [clip(start=-1.0)],
        [clip(vector=["x"] * 512)],
        "text",
    ],
)
def test_vectors_that_are_missing_or_malformed_are_refused(twelvelabs, rows):
    twelvelabs.scripts["read task"] = [Scripted(200, {"_id": "task-1", "status": "ready", "data": rows})]

    with pytest.raises(ProviderError, match="TwelveLabs sent a response that Sage cannot read"):
        choose_clip_embedder().fetch_clips("task-1")


def test_an_id_that_could_change_an_address_is_refused(twelvelabs):
    twelvelabs.scripts["create task"] = [Scripted(202, {"_id": "../keys", "status": "processing"})]

    with pytest.raises(ProviderError, match="cannot read"):
        choose_clip_embedder().create_task(url="https://example.org/a.mp4")


def test_a_creation_is_not_repeated_because_it_may_have_succeeded(twelvelabs):
    twelvelabs.scripts["create task"] = [Scripted(500)]

    with pytest.raises(ProviderError, match="unavailable"):
        choose_clip_embedder().create_task(url="https://example.org/a.mp4")

    assert twelvelabs.count("create task") == 1


def test_a_redirect_is_not_followed(twelvelabs):
    twelvelabs.scripts["embed text"] = [Scripted(302, {}, {"Location": f"{twelvelabs.address}/v1.3/embed/tasks"})]

    with pytest.raises(ProviderError):
        choose_clip_embedder().embed_text("a car")

    assert twelvelabs.requests == ["embed text"]


@pytest.mark.parametrize("name", ["marengo3.0", "marengo3.5"])
def test_a_text_has_a_vector_in_the_same_space(twelvelabs, settings, name):
    settings.CLIP_VECTOR_MODEL = f"twelvelabs:{name}"
    twelvelabs.text_vector = lambda text: [2.0 * value for value in axis(7)]

    vector = choose_clip_embedder().embed_text("a red car at night")

    assert (vector.shape, vector.dtype, vector[7]) == ((512,), np.float32, 1)
    assert twelvelabs.texts == ["a red car at night"]
    assert ProviderCall.objects.get().model == f"twelvelabs:{name}"


def test_a_chunk_whose_address_refuses_does_not_blame_the_key(twelvelabs, tmp_path, monkeypatch):
    monkeypatch.setattr("sage.providers.calls.PAUSES_SECONDS", (0.0, 0.0))
    (tmp_path / "a.mp4").write_bytes(b"x" * 10)
    embedder = choose_clip_embedder()
    asset = embedder.create_asset("a.mp4", 10)
    twelvelabs.scripts["send chunk"] = [Scripted(403)]

    with pytest.raises(ProviderError, match="TwelveLabs is unavailable") as raised:
        embedder.send_asset(asset, tmp_path / "a.mp4", lambda: None)

    assert not isinstance(raised.value, ProviderRejected)
    assert twelvelabs.count("send chunk") == 3


def test_a_file_that_is_gone_already_can_be_deleted(twelvelabs):
    choose_clip_embedder().delete_asset("asset-1")

    assert twelvelabs.count("delete asset") == 1


def test_a_refused_own_key_is_reported(twelvelabs):
    reported = []

    with pytest.raises(ProviderRejected, match="does not accept your key"):
        choose_clip_embedder(BAD["twelvelabs"], on_key_refused=lambda: reported.append(1)).embed_text("a car")

    assert reported == [1]


def test_an_unknown_model_names_those_that_exist(twelvelabs, settings):
    settings.CLIP_VECTOR_MODEL = "twelvelabs:marengo2.7"

    with pytest.raises(ModelMissing, match="Use one of: marengo3.0, marengo3.5."):
        choose_clip_embedder()
