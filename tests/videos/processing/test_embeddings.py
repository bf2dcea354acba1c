import numpy as np
import pytest

from sage.jobs import worker
from sage.providers.protocols import Clips
from videos.fingerprint.perceptual import PerceptualEmbedder
from videos.models import Embedding, Job
from videos.processing import embeddings, pipeline

pytestmark = pytest.mark.django_db


def clips(model="a-model", count=3, value=1.0):
    starts = np.arange(count, dtype=np.float64) * 2
    return Clips(model, starts, starts + 2, np.full((count, 4), value, np.float32), np.full(4, value, np.float32))


def test_processing_stores_the_clip_vectors_and_one_video_vector(alice_video):
    created = embeddings.load_clips(alice_video, PerceptualEmbedder.model)
    assert created.vectors.shape == (1, PerceptualEmbedder.dimensions)
    assert alice_video.embeddings.filter(scope=Embedding.Scope.VIDEO, start=None).count() == 1


def test_processing_again_stores_the_vectors_once(alice_video):
    alice_video.jobs.update(status="failed")
    pipeline.retry(alice_video)
    for job in alice_video.jobs.all():
        worker.run(Job, job.pk)
    assert alice_video.embeddings.count() == 2


def test_vectors_are_loaded_unchanged(alice_video):
    embeddings.store_vectors(alice_video, clips(value=0.25))
    found = embeddings.load_clips(alice_video, "a-model")
    assert (found.vectors == 0.25).all()
    assert found.starts.tolist() == [0, 2, 4]


def test_vectors_of_different_models_are_separate(alice_video):
    embeddings.store_vectors(alice_video, clips("a-model"))
    embeddings.store_vectors(alice_video, clips("another", count=2))
    assert len(embeddings.load_clips(alice_video, "a-model").vectors) == 3
    assert embeddings.load_clips(alice_video, "a-third") is None


def test_clips_are_read_in_one_query(alice_video, django_assert_num_queries):
    with django_assert_num_queries(1):
        embeddings.load_clips(alice_video, PerceptualEmbedder.model)


def test_clips_are_saved_and_loaded(tmp_path):
    created = clips()
    created.save(tmp_path / "clips.npz")
    read = Clips.load(tmp_path / "clips.npz")
    assert read.model == "a-model"
    assert (read.vectors == created.vectors).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"vectors": np.full((3, 4), np.nan, np.float32)},
        {"vectors": np.zeros((2, 4), np.float32)},
        {"vectors": np.zeros((3, 5), np.float32)},
        {"starts": np.zeros(3, np.float32)},
        {"ends": np.zeros(3)},
    ],
)
def test_an_inconsistent_file_is_refused(tmp_path, wrong):
    created = clips()
    fields = {name: getattr(created, name) for name in Clips.__slots__}
    Clips(**(fields | wrong)).save(tmp_path / "clips.npz")
    with pytest.raises(ValueError, match="arrays? "):
        Clips.load(tmp_path / "clips.npz")
