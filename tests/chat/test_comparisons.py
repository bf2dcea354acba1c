"""Ask about a comparison: what changed is told in words, with the times of both sides."""

import pytest

from chat import conversations, questions
from chat.questions import NewQuestion
from tests import long_script
from videos.models import Comparison, Job, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def comparison(alice):
    videos = [Video.objects.create(owner=alice, title=f"Cut {letter}", status="ready", duration=60) for letter in "AB"]
    compared = Comparison.objects.create(
        owner=alice, video_a=videos[0], video_b=videos[1], script=long_script.build_script(6)
    )
    Job.objects.create(comparison=compared, kind=Job.Kind.COMPARE, status="completed")
    return compared


def ask(alice, comparison, text, run_answers):
    from accounts.viewer import Viewer

    viewer = Viewer(alice)
    conversation = conversations.create_conversation(viewer, comparison_id=comparison.pk)
    answer = questions.ask(viewer, conversation, NewQuestion(text=text, address=""))
    run_answers()
    answer.refresh_from_db()
    return answer


def test_what_changed_is_told_in_words_with_the_times_of_both_sides(alice, comparison, run_answers):
    answer = ask(alice, comparison, "What changed?", run_answers)

    differing = [one for one in comparison.shown_script["segments"] if one["op"] != "equal"]
    assert f"{len(differing)} differences were found" in answer.content or len(differing) == 1
    assert " in B" in answer.content
    assert len(answer.citations) == len(differing)
    sides = {str(comparison.video_a_id), str(comparison.video_b_id)}
    assert {citation["video_id"] for citation in answer.citations} <= sides


def test_the_page_of_a_comparison_has_the_panel(alice, alice_client, comparison, run_answers):
    answer = ask(alice, comparison, "What changed?", run_answers)

    page = alice_client.get(f"/compare/{comparison.pk}/?panel=ask").content.decode()
    assert f'id="message-{answer.pk}"' in page
    assert f'action="/chat/{answer.conversation_id}/ask/"' in page  # the conversation goes on


def test_a_panel_without_a_conversation_suggests_what_to_ask(alice_client, comparison):
    page = alice_client.get(f"/compare/{comparison.pk}/?panel=ask").content.decode()

    assert 'data-suggestion="What changed?"' in page
    assert 'action="/chat/ask/"' in page


def test_another_users_comparison_cannot_be_asked_about(bob_client, comparison):
    body = {"comparison_id": str(comparison.pk)}
    assert bob_client.post("/v2/conversations", body, "application/json").status_code == 404
    assert bob_client.get(f"/compare/{comparison.pk}/?panel=ask").status_code == 404


def test_the_thread_knows_both_sides_so_that_citations_seek_the_players(alice_client, comparison):
    page = alice_client.get(f"/compare/{comparison.pk}/?panel=ask").content.decode()

    assert f'data-a="{comparison.video_a_id}" data-b="{comparison.video_b_id}"' in page
