"""Run agents in conversations, as the worker does."""

import io
import threading
import time

import pytest
from django.db import connection

from accounts.viewer import Viewer
from billing import ledger
from chat import conversations, questions, streams
from chat.models import AnswerJob, Message
from chat.outputs import storage
from chat.outputs.models import Output
from chat.questions import NewQuestion
from chat.streams import AnswerWriter, Kind
from sage.errors import InsufficientTokens, InvalidInput
from sage.jobs import worker
from tests.chat.talk import add_transcript, read_events
from tests.model_servers import Reply, openai_stream
from tests.sage.providers.conftest import model_vendor  # noqa: F401 - a fixture
from videos.models import Job, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def viewer(alice):
    return Viewer(alice)


@pytest.fixture
def conversation(viewer, harbour):
    return conversations.create_conversation(viewer, video_ids=[str(harbour.pk)])


@pytest.fixture
def call(viewer, conversation, run_answers):
    """Return a function that asks, has the worker run, and returns the answer."""

    def call(text, **fields):
        answer = questions.ask(viewer, conversation, NewQuestion(text=text, address="192.0.2.1", **fields))
        run_answers()
        answer.refresh_from_db()
        return answer

    return call


@pytest.fixture
def hosted(settings, model_vendor):  # noqa: F811
    """Have agents use a double of OpenAI."""
    settings.AGENT_MODEL = "openai:test-model"
    model_vendor.replies = [Reply(openai_stream(["### Overview\n\nA harbour. [0:05] Untrue. [0:59]"]))]
    return model_vendor


def test_a_summary_is_stored_with_checked_citations(call, alice, harbour):
    answer = call("@summary")

    assert (answer.status, answer.agent, answer.job.step.choose_queue(answer.job)) == ("complete", "summary", "medium")
    output = Output.objects.get()
    assert answer.metadata["outputs"] == [str(output.pk)]
    assert (output.owner, output.video, output.conversation) == (alice, harbour, answer.conversation)
    assert output.citations[0]["video_id"] == str(harbour.pk)
    assert output.vector is not None
    assert answer.citations


def test_plain_answers_stay_on_their_queue(call):
    answer = call("When does the harbour open?")
    assert answer.job.step.choose_queue(answer.job) == "high"
    assert not Output.objects.exists()


def test_the_stream_has_progress_and_outputs(call, alice_client):
    answer = call("@chapters please")
    response = alice_client.get(f"/v2/conversations/{answer.conversation_id}/messages/{answer.pk}/stream")
    events = [data for _, data in read_events(response)]

    assert {"progress": "@chapters is working"} in events
    assert {"output": str(Output.objects.get().pk)} in events
    assert events[-1] == "[DONE]"


def test_an_agent_waits_for_the_transcript_without_a_worker(viewer, conversation, harbour, run_answers):
    harbour.transcripts.all().delete()
    Video.objects.filter(pk=harbour.pk).update(has_transcript=False)
    Job.objects.update_or_create(video=harbour, kind=Job.Kind.TRANSCRIPT, defaults={"status": "in_progress"})
    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    run_answers()

    job = AnswerJob.objects.get()
    assert (job.status, job.lease) == ("pending", None)
    assert streams.read_answer(answer.pk).progress == "Waiting for the transcript of “Harbour tour”"
    add_transcript(harbour)
    AnswerJob.objects.update(run_after="2020-01-01T00:00Z")
    run_answers()
    answer.refresh_from_db()
    assert answer.status == "complete"


def test_stopping_while_it_waits_ends_the_run(viewer, conversation, harbour, run_answers):
    Video.objects.filter(pk=harbour.pk).update(has_transcript=False)
    Job.objects.update_or_create(video=harbour, kind=Job.Kind.TRANSCRIPT, defaults={"status": "pending"})
    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    run_answers()

    assert questions.stop_answer(answer).status == "stopped"
    AnswerJob.objects.update(run_after="2020-01-01T00:00Z")
    run_answers()
    assert AnswerJob.objects.get().status == "cancelled"
    assert not Output.objects.exists()


def test_stopping_before_it_begins_makes_nothing(viewer, conversation, run_answers):
    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    questions.stop_answer(answer)
    run_answers()

    assert not Output.objects.exists()


def test_stopping_while_the_model_writes_stores_no_output(viewer, conversation, hosted):
    gate = threading.Semaphore(0)
    hosted.replies = [Reply(openai_stream(["One ", *["more "] * 500]), gate=gate, ending="waits")]
    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    running = threading.Thread(target=_run_in_thread, args=[answer.job.pk])
    running.start()
    while not streams.read_answer(answer.pk).content:
        time.sleep(0.01)

    stopped = questions.stop_answer(answer)
    gate.release(3)
    running.join(60)

    assert not running.is_alive()
    assert (stopped.status, stopped.content) == ("stopped", "One")
    assert not Output.objects.exists()


def _run_in_thread(job_id):
    try:
        worker.run(AnswerJob, job_id)
    finally:
        connection.close()


def test_a_transcript_that_failed_is_told(call, harbour):
    harbour.transcripts.all().delete()
    Video.objects.filter(pk=harbour.pk).update(has_transcript=False)
    Job.objects.update_or_create(video=harbour, kind=Job.Kind.TRANSCRIPT, defaults={"status": "failed"})
    answer = call("@summary")

    assert answer.status == "failed"
    assert "“Harbour tour” could not be created, and @summary needs it" in answer.metadata["error"]["message"]
    assert call("@analysis").status == "complete"  # it tells what is seen


def test_a_run_that_a_worker_lost_after_an_output_is_interrupted(viewer, conversation, harbour, run_answers):
    from chat.agents.events import NewOutput

    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    stored = storage.store_output(answer, NewOutput(type="summary", content="Done."), 0, harbour)
    AnswerWriter(answer.pk).append(Kind.OUTPUT, str(stored.pk))
    run_answers()

    answer.refresh_from_db()
    assert (answer.status, answer.metadata["error"]["code"]) == ("failed", "INTERRUPTED")
    assert answer.metadata["outputs"] == [str(stored.pk)]
    assert Output.objects.count() == 1


def test_a_run_that_was_lost_while_it_reported_progress_begins_again(viewer, conversation, run_answers):
    answer = questions.ask(viewer, conversation, NewQuestion(text="@summary", address=""))
    AnswerWriter(answer.pk).append(Kind.PROGRESS, "@summary is working")
    run_answers()

    answer.refresh_from_db()
    assert answer.status == "complete"


def test_an_agent_that_does_not_end_is_stopped(call, monkeypatch):
    from chat.agents import runner
    from chat.agents.events import Text
    from chat.agents.work import summary

    def loop(task):
        while True:
            yield Text("again ")

    monkeypatch.setattr(summary, "summarise_videos", loop)
    monkeypatch.setattr(runner, "MAX_EVENTS", 50)
    answer = call("@summary")
    assert (answer.status, answer.metadata["error"]["message"][:24]) == ("failed", "The agent did not end an")


def test_a_message_that_brings_videos_runs_an_analysis_of_each(call, alice, harbour):
    other = Video.objects.create(owner=alice, title="Museum", duration=30.0, status="ready")
    answer = call("What is here?", video_ids=[str(harbour.pk), str(other.pk)])

    assert answer.agent == "analysis"
    made = {output.video.title: output.type for output in Output.objects.all()}
    assert made == {"Harbour tour": "analysis", "Museum": "analysis"}


def test_two_agents_store_nothing(viewer, conversation):
    with pytest.raises(InvalidInput):
        questions.ask(viewer, conversation, NewQuestion(text="@summary @search boats", address=""))
    assert not Message.objects.exists()


# --- What a hosted model costs ---


def give_stills(video):
    from sage.storage import storage as files

    Video.objects.filter(pk=video.pk).update(stills=[0.0, 10.0], sha256="ab" * 32)
    for number in range(2):
        files.put_stream(video.derived_key(f"still-{number:05d}.jpg"), io.BytesIO(b"\xff\xd8 a picture"))


def test_looking_costs_the_seconds_once(call, alice, harbour, hosted):
    give_stills(harbour)
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    answer = call("@analysis")

    output = Output.objects.get()
    assert (answer.status, output.tokens_used, before - ledger.balance(alice.pk).token_balance) == ("complete", 60, 60)
    assert output.content == "### Overview\n\nA harbour. [0:05] Untrue."
    assert "image_url" in str(hosted.received[-1].json["messages"][-1])

    again = call("@analysis")  # the same bytes, model and question
    assert again.metadata["outputs"] == answer.metadata["outputs"]
    assert len(hosted.received) == 1
    assert before - ledger.balance(alice.pk).token_balance == 60
    assert ledger.balance(alice.pk).held == 0


def test_a_regenerated_analysis_looks_again(call, viewer, alice, harbour, hosted, run_answers):
    give_stills(harbour)
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    answer = call("@analysis")
    questions.regenerate(viewer, answer, "")
    run_answers()

    assert len(hosted.received) == 2
    assert before - ledger.balance(alice.pk).token_balance == 120


def test_a_failed_look_costs_nothing(call, alice, harbour, hosted):
    give_stills(harbour)
    hosted.replies = [Reply(status=500)]
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    call("@analysis")

    assert Output.objects.get().status == "failed"
    assert ledger.balance(alice.pk).token_balance == before
    assert ledger.balance(alice.pk).held == 0


def test_a_balance_that_is_too_small_refuses_before_anything_is_stored(viewer, conversation, harbour, hosted):
    give_stills(harbour)
    Video.objects.filter(pk=harbour.pk).update(duration=1e7)
    with pytest.raises(InsufficientTokens):
        questions.ask(viewer, conversation, NewQuestion(text="@analysis", address=""))
    assert not Message.objects.exists()


def test_without_a_key_nothing_is_held_and_the_local_engine_works(call, alice, harbour, settings):
    settings.AGENT_MODEL = "openai:test-model"
    settings.OPENAI_API_KEY = ""
    give_stills(harbour)
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    answer = call("@analysis")

    assert answer.status == "complete"
    assert "A hosted model" in answer.content
    assert ledger.balance(alice.pk).token_balance == before


def test_a_run_has_a_price_of_its_own(call, alice, settings):
    settings.PRICES = {"agent": 3, "message": 1}
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    call("@summary")
    assert before - ledger.balance(alice.pk).token_balance == 3


def test_the_content_of_a_search_is_moments(call, harbour):
    answer = call("@search opening of the harbour")

    results = answer.metadata["parts"][0]
    assert results["type"] == "search_results"
    assert "The harbour opens at six in the morning." in [one["text"] for one in results["results"]]


def test_notes_of_the_user_are_collected_with_their_times(call, alice, bob, harbour):
    from notes.models import Note

    Note.objects.create(owner=alice, video=harbour, seconds=12.0, text="Cut the gulls")
    Note.objects.create(owner=bob, video=harbour, seconds=13.0, text="Not yours")
    answer = call("@notes")

    assert "- Cut the gulls [0:12]" in answer.content
    assert "Not yours" not in answer.content
    assert answer.citations[0]["start"] == 12.0


def test_two_videos_are_compared_by_their_stored_comparison(viewer, alice, run_answers):
    from tests import long_script
    from videos.models import Comparison

    a, b = (Video.objects.create(owner=alice, title=f"Cut {one}", status="ready", duration=60) for one in "AB")
    compared = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=long_script.build_script(6))
    Job.objects.create(comparison=compared, kind=Job.Kind.COMPARE, status="completed")
    about = conversations.create_conversation(viewer, video_ids=[str(a.pk), str(b.pk)])
    answer = questions.ask(viewer, about, NewQuestion(text="@compare", address=""))
    run_answers()
    answer.refresh_from_db()

    assert answer.metadata["parts"] == [{"type": "comparison", "comparison_id": str(compared.pk)}]
    assert "found:" in answer.content


def test_outputs_of_a_guest_move_to_the_account(alice, harbour):
    guest = Viewer(guest_id="a-guest-of-sage")
    about = conversations.create_conversation(guest)
    answer = questions.ask(guest, about, NewQuestion(text="@summary", address=""))
    from chat.agents.events import NewOutput

    output = storage.store_output(answer, NewOutput(type="summary", content="Done."), 0)
    assert (output.owner, output.guest_id) == (None, "a-guest-of-sage")
    conversations.move_guest_conversations("a-guest-of-sage", alice)
    output.refresh_from_db()
    assert (output.owner, output.guest_id) == (alice, "")
