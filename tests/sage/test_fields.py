import pytest
from rest_framework import serializers

from sage.errors import handle_api_exception
from sage.fields import JsonNumber, JsonText, OneOf, asked


class Body(serializers.Serializer):
    number = JsonNumber(min_value=1, max_value=2, required=False, error_messages=asked("Give a number from 1 to 2."))
    text = JsonText(required=False)
    word = OneOf(["one", "other"], required=False)


class Needs(serializers.Serializer):
    text = serializers.CharField(max_length=3)


def refused(shape, body):
    """What the API answers to a body, as pairs of rule and sentence."""
    found = shape(data=body)
    with pytest.raises(serializers.ValidationError) as caught:
        found.is_valid(raise_exception=True)
    answer = handle_api_exception(caught.value, {})
    assert (answer.status_code, answer.data["error"]["code"]) == (422, "VALIDATION_ERROR")
    return [(detail["type"], detail["message"]) for detail in answer.data["error"]["details"]]


@pytest.mark.parametrize(
    ("value", "rule"),
    [(0.9, "out_of_range"), (2.1, "out_of_range"), ("1.5", "invalid"), (True, "invalid"), ([1], "invalid")],
)
def test_whatever_is_wrong_with_a_number_it_says_what_to_give(value, rule):
    assert refused(Body, {"number": value}) == [(rule, "Give a number from 1 to 2.")]


@pytest.mark.parametrize("value", [1, 1.5, 2])
def test_a_number_in_its_range_is_taken(value):
    assert Body(data={"number": value}).is_valid()


def test_a_number_is_no_text():
    assert refused(Body, {"text": 7}) == [("invalid", "“text” is a text.")]


def test_a_choice_names_what_there_is():
    assert refused(Body, {"word": "third"}) == [("invalid_choice", "Give one of one, other.")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ("missing", "“text” is missing.")),
        ({"text": None}, ("missing", "“text” is missing.")),
        ({"text": ""}, ("too_short", "“text” is empty.")),
    ],
)
def test_what_is_missing_is_named(body, expected):
    assert refused(Needs, body) == [expected]


def test_what_is_too_long_is_called_so():
    assert [rule for rule, _ in refused(Needs, {"text": "long"})] == ["too_long"]
