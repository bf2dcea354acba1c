"""Run the sales agent in conversations, as the worker does."""

import threading
import time

import pytest
from django.db import connection
from django.test import Client

from billing import ledger
from chat import conversations, questions, streams
from chat.agents.work.sales import extraction
from chat.models import AnswerJob
from chat.outputs.models import Output
from chat.questions import NewQuestion
from sage.jobs import worker
from tests.chat.agents.sales.conversations import ENGLISH, list_answers
from tests.chat.agents.sales.test_local import HEADINGS, TYPES
from tests.chat.talk import add_transcript
from tests.model_servers import Reply, openai_stream
from videos.models import Job, Video

pytestmark = pytest.mark.django_db(transaction=True)
CALL = "@sales_prompt_extractor"


@pytest.fixture
def hotel(alice):
    """Return a video of Alice with a sales conversation."""
    video = Video.objects.create(owner=alice, title="Hotel call", duration=85.0, status=Video.Status.READY)
    add_transcript(video, ENGLISH)
    video.refresh_from_db()
    return video


@pytest.fixture
def conversation(viewer, hotel):
    return conversations.create_conversation(viewer, video_ids=[str(hotel.pk)])


@pytest.fixture
def hosted(settings, model_vendor):
    """Have agents use a double of OpenAI that answers for the four parts."""
    settings.AGENT_MODEL = "openai:test-model"
    model_vendor.replies = [Reply(openai_stream([answer])) for answer in list_answers()]
    return model_vendor


def list_types():
    return list(Output.objects.order_by("place").values_list("type", flat=True))


def test_the_local_engine_makes_and_stores_four_parts(ask, hotel):
    answer = ask(CALL)

    assert (answer.status, answer.agent) == ("complete", "sales_prompt_extractor")
    assert [line for line in answer.content.splitlines() if line.startswith("## ")] == HEADINGS
    rows = list(Output.objects.order_by("place"))
    assert [(row.type, row.status, row.video_id) for row in rows] == [(kind, "completed", hotel.pk) for kind in TYPES]
    assert answer.metadata["outputs"] == [str(row.pk) for row in rows]
    assert rows[0].citations == answer.citations
    assert rows[3].data["examples"][0]["metadata"]["language"] == "en"
    assert rows[2].vector is not None


def test_a_hosted_model_makes_the_parts_and_costs_one_run(ask, alice, hosted, settings):
    settings.PRICES = {"agent": 3}
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    answer = ask(CALL)

    assert (answer.status, list_types()) == ("complete", TYPES)
    assert Output.objects.get(type="sales_analysis").content.endswith("[0:25] Untrue.")
    assert "<source" in hosted.received[0].json["messages"][-1]["content"]
    assert before - ledger.balance(alice.pk).token_balance == 3


def test_a_provider_that_refuses_everything_fails_the_run_and_costs_nothing(ask, alice, hosted, settings):
    settings.PRICES = {"agent": 3}
    hosted.replies = [Reply(status=400)]
    before = ledger.balance(ledger.get_account(alice.pk).user_id).token_balance
    answer = ask(CALL)

    assert (answer.status, answer.metadata["error"]["code"]) == ("failed", "PROVIDER_ERROR")
    assert set(Output.objects.values_list("status", flat=True)) == {"failed"}
    assert ledger.balance(alice.pk).token_balance == before


@pytest.mark.parametrize("finished", range(4))
def test_stopping_in_a_phase_keeps_the_parts_before_it(viewer, conversation, hosted, finished):
    waits = Reply(openai_stream(["One "])[:1], ending="until the client leaves")
    hosted.replies = [*hosted.replies[:finished], waits]
    answer = questions.ask(viewer, conversation, NewQuestion(text=CALL, address=""))
    running = threading.Thread(target=_run_in_thread, args=[answer.job.pk])
    running.start()
    deadline = time.monotonic() + 60
    while len(hosted.received) <= finished or len(streams.read_answer(answer.pk).outputs) < finished:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    stopped = questions.stop_answer(answer)
    running.join(60)

    assert not running.is_alive()
    assert stopped.status == "stopped"
    assert list_types() == TYPES[:finished]
    assert hosted.client_left.wait(20)


def _run_in_thread(job_id):
    try:
        worker.run(AnswerJob, job_id)
    finally:
        connection.close()


def test_a_run_that_is_lost_between_two_parts_keeps_the_stored_ones(ask, run_answers, monkeypatch):
    class Killed(BaseException):
        """The end of a worker that dies: nothing after it runs."""

    make = extraction.PartMaker.run

    def die(maker, kind):
        if kind == "voice_prompt":
            raise Killed
        return make(maker, kind)

    with monkeypatch.context() as patch:
        patch.setattr(extraction.PartMaker, "run", die)
        with pytest.raises(Killed):
            ask(CALL)
    AnswerJob.objects.update(status="pending", lease=None, run_after="2020-01-01T00:00Z")
    run_answers()

    job = AnswerJob.objects.select_related("message").get()
    assert (job.message.status, job.message.metadata["error"]["code"]) == ("failed", "INTERRUPTED")
    assert list_types() == TYPES[:2]
    assert job.message.metadata["outputs"] == [
        str(pk) for pk in Output.objects.order_by("place").values_list("pk", flat=True)
    ]


def test_a_video_without_a_transcript_is_transcribed_first(viewer, conversation, hotel, run_answers):
    hotel.transcripts.all().delete()
    Video.objects.filter(pk=hotel.pk).update(has_transcript=False, metadata={"audio_tracks": [{"codec": "aac"}]})
    Job.objects.update_or_create(video=hotel, kind=Job.Kind.TRANSCRIPT, defaults={"status": "cancelled"})
    answer = questions.ask(viewer, conversation, NewQuestion(text=CALL, address=""))
    run_answers()

    job = Job.objects.get(video=hotel, kind=Job.Kind.TRANSCRIPT)
    assert job.status == "pending"
    assert streams.read_answer(answer.pk).progress == "Waiting for the transcript of “Hotel call”"

    Job.objects.update(status="failed")  # it is requested once
    AnswerJob.objects.update(run_after="2020-01-01T00:00Z")
    run_answers()
    answer.refresh_from_db()
    assert (answer.status, answer.metadata["error"]["code"]) == ("failed", "CONFLICT")
    job.refresh_from_db()
    assert job.status == "failed"


def test_the_video_of_another_user_is_not_transcribed(viewer, bob, run_answers):
    shared = Video.objects.create(
        title="Talk", youtube_id="abcdefghijk", source="youtube", status="ready", metadata={"audio_tracks": [{}]}
    )
    about = conversations.create_conversation(viewer, video_ids=["abcdefghijk"])
    shared.jobs.all().delete()
    questions.ask(viewer, about, NewQuestion(text=CALL, address=""))
    run_answers()
    assert not shared.jobs.filter(kind=Job.Kind.TRANSCRIPT).exists()


# --- Pages ---


def test_a_message_shows_its_parts_with_copies_and_downloads(ask, alice_client):
    answer = ask(CALL)
    page = alice_client.get(f"/chat/{answer.conversation_id}/").content.decode()

    assert page.count("data-copy-section") == 4
    for row in Output.objects.all():
        assert f"/outputs/{row.pk}/export/?format=part" in page
    assert page.count("?format=jsonl") == 1
    assert "<h3>Sales techniques</h3>" in page
    assert f'href="/videos/{answer.citations[0]["video_id"]}/?t=' in page


def test_markup_of_a_transcript_is_shown_as_text(ask, alice_client, hotel):
    add_transcript(hotel, [*ENGLISH, "<script>alert(1)</script> costs ten euros per month, is that too expensive?"])
    answer = ask(CALL)
    assert "<script>alert" in answer.content
    assert "<script>alert" not in alice_client.get(f"/chat/{answer.conversation_id}/").content.decode()
    for row in Output.objects.all():
        assert "<script>alert" not in alice_client.get(f"/outputs/{row.pk}/").content.decode()


def test_a_part_that_failed_says_why_on_the_pages(ask, alice_client, hotel):
    add_transcript(hotel, ["Hello there"])
    answer = ask(CALL)
    page = alice_client.get(f"/chat/{answer.conversation_id}/").content.decode()

    assert page.count("too short for this part") >= 4
    assert "data-copy-section" not in page
    row = Output.objects.get(type="voice_prompt")
    assert "too short for this part" in alice_client.get(f"/outputs/{row.pk}/").content.decode()
    assert "too short for this part" in alice_client.get("/outputs/").content.decode()


def test_guests_may_not_call_it():
    agents = Client().get("/v2/agents", headers={"X-Guest-Session-ID": "guest-12345678"}).json()
    assert "sales_prompt_extractor" not in [agent["name"] for agent in agents]
