import numpy as np
import pytest

from sage.providers.base import Clips
from sage.providers.local import PerceptualEmbedder
from videos import embedding, pipeline, worker
from videos.models import Embedding

pytestmark = pytest.mark.django_db


def clips(model="a-model", count=3, value=1.0):
    starts = np.arange(count, dtype=np.float64) * 2
    return Clips(model, starts, starts + 2, np.full((count, 4), value, np.float32), np.full(4, value, np.float32))


def test_reading_a_video_leaves_its_clips_and_one_vector_of_the_whole(alices_video):
    made = embedding.clips_of(alices_video, PerceptualEmbedder.model)
    assert made.vectors.shape == (1, PerceptualEmbedder.dimensions)
    assert alices_video.embeddings.filter(scope=Embedding.Scope.VIDEO, start=None).count() == 1


def test_reading_it_again_leaves_them_once(alices_video):
    alices_video.jobs.update(status="failed")
    pipeline.retry(alices_video)
    for job in alices_video.jobs.all():
        worker.run(job.pk)
    assert alices_video.embeddings.count() == 2


def test_vectors_come_back_as_they_were(alices_video):
    embedding.store(alices_video, clips(value=0.25))
    found = embedding.clips_of(alices_video, "a-model")
    assert (found.vectors == 0.25).all()
    assert found.starts.tolist() == [0, 2, 4]


def test_models_are_kept_apart(alices_video):
    embedding.store(alices_video, clips("a-model"))
    embedding.store(alices_video, clips("another", count=2))
    assert len(embedding.clips_of(alices_video, "a-model").vectors) == 3
    assert embedding.clips_of(alices_video, "a-third") is None


def test_clips_are_read_in_one_query(alices_video, django_assert_num_queries):
    with django_assert_num_queries(1):
        embedding.clips_of(alices_video, PerceptualEmbedder.model)


def test_clips_survive_their_file(tmp_path):
    made = clips()
    made.save(tmp_path / "clips.npz")
    read = Clips.load(tmp_path / "clips.npz")
    assert read.model == "a-model"
    assert (read.vectors == made.vectors).all()


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
def test_a_file_that_does_not_fit_together_is_refused(tmp_path, wrong):
    made = clips()
    kept = {name: getattr(made, name) for name in Clips.__slots__}
    Clips(**(kept | wrong)).save(tmp_path / "clips.npz")
    with pytest.raises(ValueError, match="vectors"):
        Clips.load(tmp_path / "clips.npz")
