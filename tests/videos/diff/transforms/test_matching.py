import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.sampling.view import Box, Geometry
from videos.diff.transforms.matching import MomentMatcher


def test_a_matcher_measures_each_geometry_as_a_new_one_does():
    a, b = sampled(scenery(200)), sampled(scenery(200)[:, :, ::-1])
    part = Box(0.1, 0.1, 0.8, 0.8)
    geometries = [Geometry(), Geometry(part), Geometry(part, flip_horizontal=True), Geometry(b=part), Geometry()]
    matcher = MomentMatcher(a, b)

    distances = [matcher.measure_distance(each) for each in geometries]

    assert distances == [MomentMatcher(a, b).measure_distance(each) for each in geometries]
    assert len(np.unique(distances)) == 4
