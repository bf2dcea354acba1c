import pytest
from django.test import Client

from chat.models import Conversation, Message
from chat.streams import AnswerWriter, Kind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation(alice_client, harbour, run_answers):
    """Ask a question by the plain form."""
    alice_client.post("/chat/ask/", {"message": "When does the harbour open?", "video_ids": [str(harbour.pk)]})
    run_answers()
    return Conversation.objects.get()


def test_a_plain_form_asks_and_the_page_shows_the_answer(alice_client, conversation, harbour):
    page = alice_client.get(f"/chat/{conversation.pk}/").content.decode()

    assert conversation.title == "When does the harbour open?"
    assert f'<a href="/videos/{harbour.pk}/?t=5.00" rel="nofollow noopener">0:05</a>' in page
    assert "The harbour opens at six in the morning." in page


def test_the_page_shows_what_was_written_so_far_and_reloads_without_scripts(alice_client, harbour):
    alice_client.post("/chat/ask/", {"message": "When?", "video_ids": [str(harbour.pk)]})
    answer = Message.objects.get(role="assistant")
    AnswerWriter(answer.pk).append(Kind.TEXT, "The harbour <b>opens")
    page = alice_client.get(f"/chat/{answer.conversation_id}/").content.decode()

    assert "The harbour &lt;b&gt;opens" in page
    url = f"/chat/{answer.conversation_id}/"  # without its fragment, or the browser would not load it again
    assert f'<noscript><meta http-equiv="refresh" content="3;url={url}"></noscript>' in page


def test_the_panel_of_a_video_goes_on_with_its_conversation(alice_client, conversation, harbour):
    page = alice_client.get(f"/videos/{harbour.pk}/?panel=ask").content.decode()

    assert '<div id="panel-ask" >' in page
    assert f'action="/chat/{conversation.pk}/ask/"' in page
    assert "The harbour opens at six in the morning." in page


def test_a_question_is_edited_and_what_followed_is_replaced(alice_client, conversation, run_answers):
    question = Message.objects.get(role="user")
    alice_client.post(f"/chat/{conversation.pk}/ask/", {"message": "What do tickets cost?", "replaces": question.pk})
    run_answers()

    texts = list(Message.objects.filter(conversation=conversation).values_list("content", flat=True))
    assert texts[0] == "What do tickets cost?"
    assert "four euros" in texts[1]
    assert len(texts) == 2


def test_a_conversation_is_renamed_pinned_deleted_and_restored(alice_client, conversation):
    url = f"/chat/{conversation.pk}/"
    alice_client.post(f"{url}change/", {"title": "Opening hours"})
    alice_client.post(f"{url}change/", {"pinned": "true"})
    conversation.refresh_from_db()
    assert (conversation.title, conversation.pinned) == ("Opening hours", True)

    answer = alice_client.post(f"{url}delete/")
    assert alice_client.get(url).status_code == 404
    assert "Conversation deleted" in alice_client.get(answer.url).content.decode()
    alice_client.post(f"{url}restore/")
    assert alice_client.get(url).status_code == 200


def test_strangers_get_404(bob_client, conversation):
    answer = Message.objects.get(role="assistant")
    of_answer = [f"messages/{answer.pk}/{action}/" for action in ("stop", "again")]
    for path in ("", "ask/", "change/", "delete/", "restore/", *of_answer):
        send = bob_client.get if path == "" else bob_client.post
        assert send(f"/chat/{conversation.pk}/{path}", {"message": "Hello?"}).status_code == 404


def test_a_guest_keeps_a_conversation_and_takes_it_along_when_signing_up(db, run_answers):
    guest = Client()
    guest.post("/chat/ask/", {"message": "Hello?"})
    conversation = Conversation.objects.get()
    assert conversation.owner is None
    assert guest.get(f"/chat/{conversation.pk}/").status_code == 200
    assert Client().get(f"/chat/{conversation.pk}/").status_code == 404

    form = {"email": "new@example.org", "password1": "correct horse battery", "name": "New"}
    assert guest.post("/account/signup/", form).status_code == 302
    conversation.refresh_from_db()
    assert conversation.owner.email == "new@example.org"
    assert guest.get(f"/chat/{conversation.pk}/").status_code == 200


def test_hostile_text_is_shown_as_text(alice_client, harbour):
    text = '<script>alert(1)</script> [x](javascript:alert(1)) **"bold"**'
    alice_client.post("/chat/ask/", {"message": text, "video_ids": [str(harbour.pk)]})
    page = alice_client.get(f"/chat/{Conversation.objects.get().pk}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_question_that_waits_for_a_transcript_is_kept_in_the_form(alice_client, harbour):
    from videos.models import Job, Video

    fresh = Video.objects.create(owner=harbour.owner, title="Lighthouse", status=Video.Status.PROCESSING)
    Job.objects.create(video=fresh, kind=Job.Kind.TRANSCRIPT)
    answer = alice_client.post("/chat/ask/", {"message": "Is it <b>high</b>?", "video_ids": [str(fresh.pk)]})
    page = alice_client.get(answer.url).content.decode()

    assert not Message.objects.exists()
    assert "Is it &lt;b&gt;high&lt;/b&gt;?</textarea>" in page
    assert f'<input type="hidden" name="video_ids" value="{fresh.pk}">' in page
    assert "The transcript is still being created." in page


def test_videos_of_a_question_that_was_refused_stay_chosen(alice_client, conversation, harbour, settings):
    settings.PRICES = {"message": 10**9, "agent": 10**9}
    url = f"/chat/{conversation.pk}/"
    answer = alice_client.post(f"{url}ask/", {"message": "How high?", "video_ids": [str(harbour.pk)]})
    page = alice_client.get(answer.url).content.decode()

    assert answer.url.startswith(f"{url}?ask=How+high")
    assert f'value="{harbour.pk}" checked' in page
    assert "Request a larger plan" in page


def test_a_new_conversation_offers_the_newest_videos_with_a_question(alice_client, harbour):
    harbour.suggested_questions = ["When does it open & close?", "Who works there?"]
    harbour.save()
    page = alice_client.get("/chat/").content.decode()

    assert f'href="/chat/?video={harbour.pk}&amp;ask=When%20does%20it%20open%20%26%20close%3F"' in page
    about = alice_client.get(f"/chat/?video={harbour.pk}").content.decode()
    assert 'value="Who works there?"' in about


def test_the_composer_knows_the_prices(alice_client, settings):
    settings.PRICES = {"analysis": 2, "message": 3}
    assert 'data-second-price="2" data-answer-price="3"' in alice_client.get("/chat/").content.decode()


def test_the_composer_knows_the_prices_of_agents_and_of_looking(alice_client, settings, harbour):
    settings.PRICES = {"agent": 5, "look": 0.5}
    settings.AGENT_MODEL, settings.OPENAI_API_KEY = "openai:test-model", ""
    page = alice_client.get(f"/chat/?video={harbour.pk}").content.decode()
    assert 'data-agent-price="5" data-look-price="0.5"' in page
    assert 'data-agents="analysis chapters compare notes sales_prompt_extractor search summary"' in page
    assert 'data-looking-agents="" data-default-agent="analysis"' in page
    assert 'data-topic-seconds="60.0 "' in page

    settings.OPENAI_API_KEY = "sk-site"
    assert 'data-looking-agents="analysis"' in alice_client.get("/chat/").content.decode()


def test_guests_see_the_agents_that_they_may_call():
    page = Client().get("/chat/").content.decode()
    assert 'data-agents="chapters search summary"' in page
    assert 'data-default-agent=""' in page


def test_a_search_with_a_null_character_is_answered(alice_client):
    assert alice_client.get("/chat/?q=%00river%00").status_code == 200
