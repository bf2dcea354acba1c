import pytest
from rest_framework import serializers

from sage.api.errors import handle_exception
from sage.api.fields import JsonNumberField, JsonStringField, ListedChoiceField, number_messages


class Body(serializers.Serializer):
    number = JsonNumberField(
        min_value=1, max_value=2, required=False, error_messages=number_messages("Give a number from 1 to 2.")
    )
    text = JsonStringField(required=False)
    word = ListedChoiceField(["one", "other"], required=False)


class Needs(serializers.Serializer):
    text = serializers.CharField(max_length=3)


def refused(shape, body):
    """Return the error details of a body as (rule, message)."""
    found = shape(data=body)
    with pytest.raises(serializers.ValidationError) as caught:
        found.is_valid(raise_exception=True)
    answer = handle_exception(caught.value, {})
    assert (answer.status_code, answer.data["error"]["code"]) == (422, "VALIDATION_ERROR")
    return [(detail["type"], detail["message"]) for detail in answer.data["error"]["details"]]


@pytest.mark.parametrize(
    ("value", "rule"),
    [(0.9, "out_of_range"), (2.1, "out_of_range"), ("1.5", "invalid"), (True, "invalid"), ([1], "invalid")],
)
def test_every_invalid_number_gets_the_same_message(value, rule):
    assert refused(Body, {"number": value}) == [(rule, "Give a number from 1 to 2.")]


@pytest.mark.parametrize("value", [1, 1.5, 2])
def test_a_number_in_range_is_valid(value):
    assert Body(data={"number": value}).is_valid()


def test_a_number_is_not_a_string():
    assert refused(Body, {"text": 7}) == [("invalid", "“text” must be a string.")]


def test_an_invalid_choice_lists_the_choices():
    assert refused(Body, {"word": "third"}) == [("invalid_choice", "Give one of one, other.")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ("missing", "“text” is missing.")),
        ({"text": None}, ("missing", "“text” is missing.")),
        ({"text": ""}, ("too_short", "“text” is empty.")),
    ],
)
def test_a_missing_field_is_named(body, expected):
    assert refused(Needs, body) == [expected]


def test_a_long_string_breaks_the_rule_too_long():
    assert [rule for rule, _ in refused(Needs, {"text": "long"})] == ["too_long"]
