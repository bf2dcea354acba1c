"""Each model explains its own transition and no other one."""

import numpy as np
import pytest

from tests.videos.diff.alignment.transitions.test_detection import CUT, FIRST, LAST, RAMP, dipped, mixed, moved, shot
from videos.diff.alignment.transitions.models import rate_course, rate_dip, rate_mix, rate_motion, split_at_cut

SIDES = {"mix": mixed(RAMP), "dip": dipped(0), "motion": moved("push", 1, False)}
RATES = {"mix": rate_mix, "dip": rate_dip, "motion": rate_motion}


@pytest.mark.parametrize("shown", SIDES)
@pytest.mark.parametrize("model", RATES)
def test_a_model_explains_its_own_transition_only(model, shown):
    rate = RATES[model](split_at_cut(*SIDES[shown], CUT - 1, FIRST, LAST))
    assert (rate >= 0.9) == (model == shown)


def test_a_dip_needs_an_even_frame():
    a, b = dipped(0)
    rate = rate_dip(split_at_cut(a, a + 0.5 * (b - a), CUT - 1, FIRST, LAST))
    assert rate == 0


def test_a_step_is_no_motion():
    one, other = shot(1), shot(2)
    a, b = (np.concatenate([one[:at], other[at:]]) for at in (CUT, CUT + 4))
    assert rate_motion(split_at_cut(a, b, CUT - 1, FIRST, LAST)) == 0


def test_a_few_frames_have_no_course():
    a, b = mixed(RAMP)
    assert rate_course(split_at_cut(a, b, CUT - 1, FIRST, LAST)) > 0.7
    assert rate_course(split_at_cut(a, b, CUT - 1, CUT - 2, CUT + 2)) == 0
