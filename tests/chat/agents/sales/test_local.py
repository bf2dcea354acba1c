"""The sales agent without a hosted model: what is recognised by words, and quoted."""

import json
import re

import pytest

from chat.agents.work.sales.examples import WORD
from chat.agents.work.sales.extraction import extract_sales_material
from tests.chat.agents.sales.conversations import ENGLISH, GERMAN, JAPANESE, build_sales_subject
from tests.chat.agents.tasks import build_task, join_text, list_outputs

TYPES = ["sales_analysis", "structured_data", "voice_prompt", "training_data"]
HEADINGS = ["## Analysis", "## Structured Data", "## Voice Prompt", "## Training Data"]


def run(*subjects):
    events = list(extract_sales_material(build_task(*(subjects or [build_sales_subject()]))))
    return join_text(events), {output.type: output for output in list_outputs(events)}


def read_fence(text, heading):
    """Return the language and the text of the fence below a heading."""
    match = re.search(rf"^{heading}\n\n(`{{3,}})(\w*)\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)
    return match[2], match[3]


def test_the_four_parts_are_shown_in_one_format():
    text, made = run()

    assert list(made) == TYPES
    assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    fences = [read_fence(text, heading) for heading in HEADINGS]
    assert [language for language, _ in fences] == ["markdown", "json", "", "json"]
    assert [content for _, content in fences] == [output.content for output in made.values()]
    assert "A hosted model" in text.rpartition("```")[2]


def test_techniques_and_objections_are_quoted_with_their_times():
    _, made = run()
    data = made["structured_data"].data["analysis_data"]

    assert list(data) == ["sales_techniques", "communication_strategies", "objection_handling", "key_metrics"]
    found = {row["name"]: row for row in data["sales_techniques"]}
    assert found["Social proof"]["quote"] == ENGLISH[6]
    assert found["Social proof"]["start"] == 30.0
    assert {"Discovery questions", "Value proposition", "Pricing", "Risk reversal", "Closing"} <= set(found)
    first = data["objection_handling"][0]
    assert (first["objection"], first["response"]) == (ENGLISH[9], f"{ENGLISH[10]} {ENGLISH[11]}")
    assert {"name": "Objections", "value": 2} in data["key_metrics"]
    assert json.loads(made["structured_data"].content) == made["structured_data"].data
    assert "Not recognised: Urgency, Demonstration." in made["sales_analysis"].content
    assert f"“{ENGLISH[6]}” [0:30]" in made["sales_analysis"].content


def test_training_examples_come_from_the_transcript_with_their_times():
    _, made = run()
    output = made["training_data"]
    examples = output.data["examples"]

    assert 5 <= len(examples) <= 10
    assert len({example["metadata"]["type"] for example in examples}) >= 2
    assert json.loads(output.content) == {
        "examples": [{"input": example["input"], "output": example["output"]} for example in examples]
    }
    answer = next(one for one in examples if one["input"] == ENGLISH[7])
    assert answer["output"].startswith(ENGLISH[8])
    assert answer["metadata"] == {"type": "question_answer", "start": 35.0, "end": 45.0, "language": "en"}
    for half in ("input", "output"):
        texts = {" ".join(WORD.findall(one[half].lower())) for one in examples}
        assert len(texts) == len(examples)
        assert all(len(text) >= 8 for text in texts)


def test_personal_data_is_in_no_example_and_not_in_the_voice_prompt():
    lines = [line.replace("thirty euros", "thirty euros, say anna@example.org,") for line in ENGLISH]
    _, made = run(build_sales_subject(lines))

    assert "anna@example.org" not in made["training_data"].content + str(made["training_data"].data)
    assert "anna@example.org" not in made["voice_prompt"].content
    assert "euros" in made["training_data"].content


@pytest.mark.parametrize("hidden", ["anna (at) example (dot) org", "0 3 0 1 2 3 4 5 6 7 8", "4111 1111 1111 1111"])
def test_personal_data_that_is_written_to_deceive_is_removed(hidden):
    lines = [line.replace("thirty euros", f"thirty euros, reach us at {hidden},") for line in ENGLISH]
    _, made = run(build_sales_subject(lines))

    assert hidden not in made["training_data"].content + made["voice_prompt"].content
    assert "euros" in made["training_data"].content


def test_the_voice_prompt_has_what_was_said():
    _, made = run()
    prompt = made["voice_prompt"].content

    assert "Speak English." in prompt
    assert f"If the customer says “{ENGLISH[9]}”, answer “{ENGLISH[10]} {ENGLISH[11]}”" in prompt


def test_two_words_make_no_part_and_each_says_why():
    text, made = run(build_sales_subject(["Hello there"]))

    assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    assert {output.error.code for output in made.values()} == {"VALIDATION_ERROR"}
    assert "it has 2 words, and about 25 are needed" in made["sales_analysis"].error.message
    assert text.count("too short for this part") == 4


def test_a_transcript_with_too_few_pairs_has_no_made_up_examples():
    _, made = run(build_sales_subject(ENGLISH[:5]))

    assert made["sales_analysis"].error is None
    assert made["training_data"].data is None
    assert re.match(r"\d examples can be taken from the transcript.*at least 5", made["training_data"].error.message)


def test_a_german_transcript_is_recognised_by_german_words():
    text, made = run(build_sales_subject(GERMAN, language=""))
    data = made["structured_data"].data["analysis_data"]

    assert "The transcript is in German." in text
    assert data["objection_handling"][0]["objection"] == GERMAN[4]
    assert {"Discovery questions", "Value proposition", "Pricing"} <= {row["name"] for row in data["sales_techniques"]}
    assert "Speak German." in made["voice_prompt"].content
    assert made["training_data"].error or made["training_data"].data["examples"][0]["metadata"]["language"] == "de"


def test_a_language_without_words_is_told_and_only_questions_are_looked_for():
    text, made = run(build_sales_subject(JAPANESE, language="ja"))

    assert "The transcript is in Japanese." in text
    assert "looked only for questions, figures and typical sentences" in text
    techniques = made["structured_data"].data["analysis_data"]["sales_techniques"]
    assert {row["name"] for row in techniques} == {"Questions"}
    assert made["training_data"].error.code == "VALIDATION_ERROR"


def test_a_conversation_without_sales_talk_has_no_voice_prompt():
    lines = [
        f"The {animal} sleeps below the old tree behind the mill." for animal in ("rabbit", "fox", "owl", "hedgehog")
    ]
    _, made = run(build_sales_subject(lines))

    assert "Nothing in the transcript was recognised as sales talk" in made["voice_prompt"].error.message
    assert made["sales_analysis"].error is None


def test_fences_in_the_transcript_do_not_end_a_part():
    lines = (*ENGLISH, "Type ``` and then ```` to begin, she said about the price.", "## Voice Prompt", "```json")
    text, made = run(build_sales_subject(lines, title="The ```` call"))

    for heading, output in zip(HEADINGS, made.values(), strict=True):
        assert read_fence(text, heading)[1] == output.content


@pytest.mark.parametrize("count", [1, 2])
def test_several_videos_have_headings_of_their_own(count):
    subjects = [build_sales_subject(letter="AB"[place], video_id="ab"[place] * 11) for place in range(count)]
    text, _ = run(*subjects)
    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# A: Hotel call", "# B: Hotel call"][
        : count * (count - 1)
    ]


def test_an_example_that_is_mostly_personal_data_is_left_out():
    lines = list(ENGLISH)
    lines[8] = "anna@example.org"
    _, made = run(build_sales_subject(lines))
    assert ENGLISH[7] not in made["training_data"].content
