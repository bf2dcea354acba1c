import pytest

from accounts.viewer import Viewer
from videos.forms import ComparisonForm, ShareForm, ThresholdForm


@pytest.mark.parametrize("value", ["0.009", "0.51", "much", "nan", "inf", "-1"])
def test_an_invalid_threshold_shows_the_valid_range(value):
    form = ThresholdForm({"threshold": value})

    assert form.errors["threshold"] == [
        "Enter a threshold from 0.01 to 0.5, or leave it empty for automatic.",
    ]


@pytest.mark.parametrize(("value", "expected"), [("", None), ("0.01", 0.01), ("0.5", 0.5)])
def test_a_threshold_in_the_range_or_none_is_valid(value, expected):
    form = ThresholdForm({"threshold": value})

    assert form.is_valid()
    assert form.cleaned_data["threshold"] == expected


@pytest.mark.parametrize("value", ["", "0", "366", "soon", "1.5"])
def test_an_invalid_number_of_days_shows_the_valid_range(value):
    assert ShareForm({"expires_in_days": value}).errors["expires_in_days"] == ["Enter 1 to 365 days."]


def test_the_options_are_open_if_one_was_chosen_or_is_invalid(alice):
    def opened(**data):
        return ComparisonForm(Viewer(alice), data or None).has_options

    assert not opened()
    assert not opened(a="", b="", mode="aligned", metric="cosine", threshold="")
    assert opened(mode="interval")
    assert opened(threshold="0.2")
    assert opened(threshold="x")


def test_missing_choices_are_named(alice):
    errors = ComparisonForm(Viewer(alice), {"mode": "exact"}).errors

    assert (errors["a"], errors["b"]) == (["Choose video A."], ["Choose video B."])
    assert errors["mode"] == ["Choose “By content” or “Every 2 seconds, at the same times”."]
