import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.stages import MonotonicProgress, align_pair


@pytest.mark.parametrize(("rate", "searches"), [(25.0, False), (40.0, True)])
def test_the_partner_of_a_frame_is_searched_where_the_whole_runs_at_another_speed(rate, searches):
    luma = scenery(600)
    aligned = align_pair(sampled(luma), sampled(luma, rate), MonotonicProgress(lambda share: None))
    assert aligned.retiming == pytest.approx(rate / 25, rel=0.01)
    assert aligned.search == searches
