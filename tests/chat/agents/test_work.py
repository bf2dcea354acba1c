"""Each agent alone: a task in, events out."""

import pytest

from chat.agents.task import StoredAnalysis
from chat.agents.work import analysis, chapters, compare, notes, search, summary
from chat.answering.evidence import Citable
from sage.providers.errors import ProviderError
from tests.chat.agents.tasks import ModelDouble, build_subject, build_task, join_text, list_outputs, list_parts


def test_the_local_summary_quotes_sentences_with_their_times():
    events = list(summary.summarise_videos(build_task()))

    assert "- Fishing boats leave before sunrise. [0:10]" in join_text(events)
    assert "A hosted model" in join_text(events)
    [output] = list_outputs(events)
    assert (output.type, output.model, output.error) == ("summary", "extractive:quotes", None)
    assert "A hosted model" not in output.content


def test_two_words_are_enough_for_every_agent():
    task = build_task(build_subject(["Hello there"]))
    assert "Hello there [0:00]" in join_text(summary.summarise_videos(task))
    assert "[0:00] Harbour tour" in join_text(chapters.divide_videos(task))
    assert "Hello there [0:00]" in join_text(analysis.analyse_videos(task))


def test_a_transcript_in_another_language_is_summarised_in_it():
    task = build_task(build_subject(["Der Hafen öffnet um sechs Uhr.", "Die Boote fahren früh."], language="de"))
    assert "Der Hafen öffnet um sechs Uhr. [0:00]" in join_text(summary.summarise_videos(task))


def test_a_transcript_of_three_hours_fits_into_a_request():
    model = ModelDouble(["Done. [0:00]"])
    lines = [f"This is sentence number {number} about the harbour and its boats." for number in range(3_600)]
    list(summary.summarise_videos(build_task(build_subject(lines, 3.0, duration=10_800.0), chat_model=model)))

    [(_, sources)] = model.asked
    assert 500 < len(sources) < 2_000
    assert sources[-1].label.startswith("[2:5")


def test_one_video_that_fails_leaves_the_others():
    class FailsOnce(ModelDouble):
        def stream(self, messages, sources=(), max_tokens=1024):
            if not self.asked:
                self.asked.append(messages)
                raise ProviderError("The model is unavailable. Try again later.")
            return super().stream(messages, sources, max_tokens)

    pair = (build_subject(letter="A"), build_subject(letter="B", video_id="bbbbbbbbbbb"))
    events = list(summary.summarise_videos(build_task(*pair, chat_model=FailsOnce(["Fine. [B 0:05]"]))))

    first, second = list_outputs(events)
    assert first.error.code == "PROVIDER_ERROR"
    assert (second.error, second.content) == (None, "Fine. [B 0:05]")


def test_without_a_video_agents_ask_for_one():
    for agent, run in (("summary", summary.summarise_videos), ("chapters", chapters.divide_videos)):
        task = build_task()
        task.subjects = []
        assert f"call @{agent} again" in join_text(run(task))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("[0:00] Arrival\n[0:10] **Boats**", [(0.0, "Arrival"), (10.0, "Boats")]),
        ("1. 0:10 - Boats\n- 0:00: Arrival", [(0.0, "Arrival"), (10.0, "Boats")]),
        ("[0:00] Arrival\n[9:00] After the end", [(0.0, "Arrival")]),
        ("I cannot do this.", []),
    ],
)
def test_chapters_of_a_model_are_read_and_checked(answer, found):
    assert chapters.parse_chapters(answer, 60.0) == found


def test_a_model_that_names_no_chapters_is_replaced_by_the_stored_ones():
    task = build_task(build_subject(chapters=[(0.0, "Start"), (20.0, "End")]), chat_model=ModelDouble(["Sorry."]))
    [output] = list_outputs(chapters.divide_videos(task))

    assert output.data == {"chapters": [{"start": 0.0, "title": "Start"}, {"start": 20.0, "title": "End"}]}


def test_search_returns_moments_as_clips():
    subject = build_subject()
    task = build_task(subject, question="When does the harbour open?")
    task.material = [search.Candidate(citable, subject.title) for citable in subject.list_citables()]
    events = list(search.find_moments(task))

    results, clip = list_parts(events)
    assert results["results"][0]["text"] == "The harbour opens at six in the morning."
    assert clip == {"type": "video", "video_id": "abcdefghijk", "start": 4.5, "end": 10.0}
    assert "[0:05]" in join_text(events)


def test_search_without_words_asks_for_them():
    assert "@search the opening hours" in join_text(search.find_moments(build_task()))


def test_search_that_finds_nothing_says_so():
    subject = build_subject()
    task = build_task(subject, question="quantum chromodynamics lagrangian")
    task.material = [search.Candidate(citable, subject.title) for citable in subject.list_citables()]
    assert "No moment was found" in join_text(search.find_moments(task))


def test_compare_lists_the_differences():
    difference = Citable("b" * 11, "B", 3.0, 4.0, "Difference 1: A title was added (0:03 in B)")
    events = list(compare.tell_changes(build_task(differences=[difference], comparison_id="some-id")))

    assert list_parts(events) == [{"type": "comparison", "comparison_id": "some-id"}]
    assert "1 difference was found:" in join_text(events)
    assert "[B 0:03]" in join_text(events)


def test_compare_without_a_comparison_says_what_to_do():
    assert "Choose two videos" in join_text(compare.tell_changes(build_task()))


def test_notes_are_listed_open_ones_first():
    subject = build_subject()
    lines = [(5.0, "Cut this", False), (10.0, "Was cut", True)]
    task = build_task(subject)
    task.material = [
        notes.NoteLine(Citable(subject.video_id, "", start, start + 1, text), is_done) for start, text, is_done in lines
    ]
    text = join_text(notes.collect_notes(task))
    assert text.index("### To do (1)\n\n- Cut this [0:05]") < text.index("### Done (1)\n\n- Was cut [0:10]")


def test_the_local_analysis_tells_what_is_stored():
    screen = [Citable("abcdefghijk", "", 2.0, 3.0, "Text on screen: OLD HARBOUR")]
    task = build_task(build_subject(screen_lines=screen, shots=[0.0, 9.0, 20.0]))
    events = list(analysis.analyse_videos(task))

    text = join_text(events)
    assert "lasts 1:00 and has 3 shots" in text
    assert "Text on screen: OLD HARBOUR [0:02]" in text
    assert "look at the pictures" in text
    [output] = list_outputs(events)
    assert (output.data["shots"], output.looked_seconds) == (3, 0.0)


def test_a_hosted_analysis_is_stored_with_its_error():
    task = build_task(chat_model=ModelDouble([], error=ProviderError("The model is unavailable.")))
    [output] = list_outputs(analysis.analyse_videos(task))

    assert (output.error.code, output.error.message) == ("PROVIDER_ERROR", "The model is unavailable.")


def test_a_stored_analysis_is_shown_again():
    model = ModelDouble(["New."])
    task = build_task(chat_model=model, stored={"abcdefghijk": StoredAnalysis("some-id", "As before.")})
    events = list(analysis.analyse_videos(task))

    assert "As before." in join_text(events)
    assert (list_outputs(events), model.asked) == ([], [])
