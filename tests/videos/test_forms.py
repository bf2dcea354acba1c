import pytest

from accounts.viewer import Viewer
from videos.forms import ComparisonForm, ShareForm, ThresholdForm


@pytest.mark.parametrize("value", ["0.009", "0.51", "much", "nan", "inf", "-1"])
def test_a_threshold_that_makes_no_sense_is_told_what_makes_some(value):
    form = ThresholdForm({"threshold": value})

    assert form.errors["threshold"] == [
        "Give a threshold from 0.01 to 0.5, or leave it empty for the calibrated one.",
    ]


@pytest.mark.parametrize(("value", "taken"), [("", None), ("0.01", 0.01), ("0.5", 0.5)])
def test_a_threshold_in_its_range_or_none_is_taken(value, taken):
    form = ThresholdForm({"threshold": value})

    assert form.is_valid()
    assert form.cleaned_data["threshold"] == taken


@pytest.mark.parametrize("value", ["", "0", "366", "soon", "1.5"])
def test_days_that_make_no_sense_are_told_what_makes_some(value):
    assert ShareForm({"expires_in_days": value}).errors["expires_in_days"] == ["Give 1 to 365 days."]


def test_options_are_open_when_one_was_chosen_or_is_wrong(alice):
    def opened(**data):
        return ComparisonForm(Viewer(alice), data or None).has_options

    assert not opened()
    assert not opened(a="", b="", mode="aligned", metric="cosine", threshold="")
    assert opened(mode="interval")
    assert opened(threshold="0.2")
    assert opened(threshold="x")


def test_what_is_not_chosen_is_asked_for_by_name(alice):
    errors = ComparisonForm(Viewer(alice), {"mode": "exact"}).errors

    assert (errors["a"], errors["b"]) == (["Choose video A."], ["Choose video B."])
    assert errors["mode"] == ["Choose “By content” or “Every 2 seconds, at the same times”."]
