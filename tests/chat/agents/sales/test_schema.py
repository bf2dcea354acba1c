"""Read and check the structured data of a model."""

import pytest

from chat.agents.work.sales.schema import InvalidAnswer, check_analysis_data, parse_json, write_json

LISTS = {"sales_techniques": [], "communication_strategies": [], "objection_handling": [], "key_metrics": []}
METRIC = {"name": "Price", "value": 30}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1]}',
        'Of course:\n```json\n{"a": [1]}\n```\nDone.',
        '{"a": [1,],}',
    ],
)
def test_json_is_found_in_an_answer(text):
    assert parse_json(text) == {"a": [1]}


@pytest.mark.parametrize(
    "text", ["", "Sorry.", '{"a": ', "[1]", '{"a": NaN}', "}{", '{"a":' * 100_000 + "1" + "}" * 100_000]
)
def test_other_answers_are_invalid(text):
    with pytest.raises(InvalidAnswer):
        parse_json(text)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"key_metrics": None}, "analysis_data.key_metrics must be a list"),
        ({"sales_techniques": ["Closing"]}, r"sales_techniques\[0\] must be an object"),
        ({"sales_techniques": [{"name": "Closing"}]}, r"sales_techniques\[0\].description must be a text"),
        ({"objection_handling": [{"objection": " ", "response": "x"}]}, r"objection_handling\[0\].objection"),
        ({"key_metrics": [{"name": "Price", "value": True}]}, r"key_metrics\[0\].value"),
        ({"key_metrics": [{"name": "Price", "value": float("inf")}]}, r"key_metrics\[0\].value"),
        ({"key_metrics": [METRIC] * 51}, "at most 50 items"),
    ],
)
def test_data_of_another_form_is_refused_with_its_place(change, error):
    with pytest.raises(InvalidAnswer, match=error):
        check_analysis_data({"analysis_data": {**LISTS, **change}}, {})


def test_unknown_keys_are_left_out_and_passages_become_seconds():
    row = {"name": " Social  proof", "description": "x", "passage": "[0:30]", "score": 9, "quote": "\ud800\x00"}
    data = check_analysis_data({**LISTS, "sales_techniques": [row], "more": 1}, {"0:30": 30.25})

    [checked] = data["analysis_data"]["sales_techniques"]
    assert {key: checked[key] for key in ("name", "description", "start")} == {
        "name": "Social proof",
        "description": "x",
        "start": 30.25,
    }
    assert list(data["analysis_data"]) == list(LISTS)
    write_json(data).encode()
