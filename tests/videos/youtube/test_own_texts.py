"""Transcripts and chapters that a user stores for a YouTube video are theirs alone."""

import pytest

from accounts.viewer import Viewer
from sage.jobs import worker
from tests.videos.youtube.conftest import ID
from videos.library.purge import purge_owner
from videos.models import Chapter, Cue, Job, LibraryEntry, Passage, Transcript, Video
from videos.transcripts.cues import TimedText
from videos.transcripts.storage import replace_transcript
from videos.youtube.entries import add_video

pytestmark = pytest.mark.django_db
SHARED = [TimedText(0, 2, "The harbour opens at six."), TimedText(2, 4, "Boats leave early.")]
OWN = [{"text": "My own submarine words.", "offset": 0, "duration": 2}]


@pytest.fixture
def shared_video(video, bob):
    """Give the video shared captions, and add it to the library of Bob too."""
    Video.objects.filter(pk=video.pk).update(status="ready", duration=60.0, title="Harbour")
    replace_transcript(video, Transcript.Source.CAPTIONS, SHARED, "en")
    Job.objects.filter(kind="transcript").update(status="completed")
    add_video(Viewer(bob), ID)
    return video


def put(client, name, body):
    return client.put(f"/v2/videos/{ID}/{name}", body, content_type="application/json")


def read_texts(client):
    return [cue["text"] for cue in client.get(f"/v2/videos/{ID}/transcript").json()]


def index(video):
    worker.run(Job, Job.objects.get(video=video, kind="passages").pk)


def test_an_own_transcript_goes_before_the_shared_one_for_its_user_only(shared_video, alice_client, bob_client):
    assert put(alice_client, "transcript", OWN).status_code == 200

    assert read_texts(alice_client) == ["My own submarine words."]
    assert read_texts(bob_client) == ["The harbour opens at six.", "Boats leave early."]


def test_search_finds_the_own_transcript_instead_of_the_shared_one(shared_video, alice_client, bob_client):
    put(alice_client, "transcript", OWN)
    index(shared_video)

    def search(client):  # vectors also find passages without the words
        found = client.get("/v2/search?q=submarine+harbour&kind=transcript").json()["results"]
        return {one["text"].split()[0] for one in found}

    assert (search(alice_client), search(bob_client)) == ({"My"}, {"The"})


def test_a_second_own_transcript_does_not_index_the_shared_one_again(shared_video, alice_client):
    index(shared_video)
    shared = set(Passage.objects.filter(owner=None).values_list("pk", flat=True))
    Job.objects.filter(kind="summary").update(status="completed")

    put(alice_client, "transcript", OWN)
    index(shared_video)

    assert set(Passage.objects.filter(owner=None).values_list("pk", flat=True)) == shared
    assert Passage.objects.exclude(owner=None).get().text == "My own submarine words."
    assert Job.objects.get(kind="summary").status == "completed"


def test_only_users_who_added_the_video_may_store_a_transcript(shared_video, bob, bob_client):
    LibraryEntry.objects.filter(user=bob).delete()

    assert put(bob_client, "transcript", OWN).status_code == 404
    assert put(bob_client, "chapters", []).status_code == 404


def test_a_transcript_is_available_to_its_user_only(video, alice_client, bob, bob_client):
    add_video(Viewer(bob), ID)
    put(alice_client, "transcript", OWN)

    available = [client.get(f"/v2/videos/{ID}").json()["transcript_available"] for client in (alice_client, bob_client)]
    assert available == [True, False]
    assert bob_client.get(f"/v2/videos/{ID}/transcript").status_code == 404


def test_correcting_a_shared_line_makes_an_own_copy(shared_video, alice_client, bob_client):
    cue = Cue.objects.get(text="Boats leave early.")

    answer = alice_client.post(f"/videos/{ID}/transcript/{cue.pk}/", {"text": "Boats leave late."})

    own = Cue.objects.get(text="Boats leave late.")
    assert answer.url == f"/videos/{ID}/?panel=transcript&t=2#cue-{own.pk}"
    assert read_texts(alice_client) == ["The harbour opens at six.", "Boats leave late."]
    assert read_texts(bob_client) == ["The harbour opens at six.", "Boats leave early."]
    assert bob_client.post(f"/videos/{ID}/transcript/{own.pk}/", {"text": "x"}).status_code == 404
    assert bob_client.get(f"/videos/{ID}/transcript/{own.pk}/").status_code == 404


def test_own_chapters_are_shown_to_their_user_only(shared_video, alice_client, bob_client):
    Chapter.objects.create(video=shared_video, start=0, title="Generated", is_generated=True)
    own = [{"start": 0.0, "title": "Mine"}, {"start": 9.0, "title": "Second"}]

    assert put(alice_client, "chapters", own).json() == own

    assert alice_client.get(f"/v2/videos/{ID}/chapters").json() == own
    assert bob_client.get(f"/v2/videos/{ID}/chapters").json() == [{"start": 0.0, "title": "Generated"}]
    results = bob_client.get("/v2/search?q=second&kind=chapter").json()
    assert results["total"] == 0
    assert alice_client.get("/v2/search?q=second&kind=chapter").json()["total"] == 1
    assert put(alice_client, "chapters", []).json() == []
    assert alice_client.get(f"/v2/videos/{ID}/chapters").json() == []


def test_new_captions_leave_own_texts_alone(shared_video, alice_client):
    put(alice_client, "transcript", OWN)
    put(alice_client, "chapters", [{"start": 1.0, "title": "Mine"}])

    replace_transcript(shared_video, Transcript.Source.CAPTIONS, SHARED[:1], "en")
    index(shared_video)

    assert read_texts(alice_client) == ["My own submarine words."]
    assert alice_client.get(f"/v2/videos/{ID}/chapters").json() == [{"start": 1.0, "title": "Mine"}]


def test_the_summary_is_made_from_the_shared_transcript(shared_video, alice_client, bob_client):
    put(alice_client, "transcript", OWN)
    index(shared_video)
    worker.run(Job, Job.objects.get(kind="summary").pk)

    assert "submarine" not in bob_client.get(f"/v2/videos/{ID}").json()["summary"]


def test_removing_an_account_removes_its_texts_only(shared_video, alice, alice_client):
    put(alice_client, "transcript", OWN)
    put(alice_client, "chapters", [{"start": 1.0, "title": "Mine"}])

    purge_owner(alice)

    assert [row.owner for row in Transcript.objects.all()] == [None]
    assert not Chapter.objects.exists()
