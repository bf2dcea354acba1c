import re

import pytest
from django.contrib.postgres.search import SearchQuery

from sage.errors import Conflict
from sage.jobs import worker
from videos.models import Cue, Job, Notice, Passage, Transcript
from videos.transcripts import pipeline, storage
from videos.transcripts.chapters import replace_chapters
from videos.transcripts.cues import TimedText

pytestmark = pytest.mark.django_db


def test_the_subtitles_of_a_file_become_its_transcript(alice, subtitled_clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, subtitled_clip))

    transcript = video.transcripts.get()
    assert (transcript.source, transcript.language) == (Transcript.Source.SUBTITLES, "en")
    texts = list(transcript.cues.values_list("text", flat=True))
    assert texts == ["Hello there, welcome back.", "The harbour is open\nagain today."]
    assert video.has_transcript
    assert Passage.objects.get(video=video).text == "Hello there, welcome back. The harbour is open again today."
    assert video.summary == "Hello there, welcome back. The harbour is open again today."


def test_speech_becomes_a_transcript_with_the_times_of_its_words(alice, spoken_clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, spoken_clip))

    cue = Cue.objects.get(transcript__video=video)
    assert re.sub(r"\W+", " ", cue.text).lower().strip() == "how do we define it"
    assert 0.5 < cue.start < 1.5
    words = {word.strip("?.,").lower(): start for word, start, end in cue.words}
    assert list(words) == ["how", "do", "we", "define", "it"]
    assert 0.5 < words["how"] < words["define"] < words["it"] < 2.2
    assert cue.transcript.language == "en"


def test_a_file_without_sound_gets_no_transcript_job(alice, clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, clip))

    assert not video.jobs.filter(kind=Job.Kind.TRANSCRIPT).exists()
    assert not video.has_transcript


def test_music_without_speech_completes_without_a_transcript(alice, tmp_path, make_video, run_jobs):
    from tests import footage

    path = footage.write(tmp_path / "tone.mp4", footage.pixels("bikes", 160, 90)[:40], rate=20, sound=True)
    video = run_jobs(make_video(alice, path))

    assert video.jobs.get(kind=Job.Kind.TRANSCRIPT).status == Job.Status.COMPLETED
    assert not video.transcripts.exists()


def test_a_missing_speech_model_fails_the_job_with_advice_and_notifies(
    alice, spoken_clip, make_video, run_jobs, settings
):
    settings.SPEECH_MODEL = "whisper:/nonexistent"
    video = run_jobs(make_video(alice, spoken_clip))

    job = video.jobs.get(kind=Job.Kind.TRANSCRIPT)
    assert (job.status, video.status) == (Job.Status.FAILED, video.Status.READY)
    assert "Upload a transcript" in job.error
    assert str(Notice.objects.get(video=video)) == "Transcript failed: “spoken”"


def test_speech_recognition_can_be_turned_off(alice, spoken_clip, make_video, run_jobs, settings):
    settings.SPEECH_MODEL = "off"
    video = run_jobs(make_video(alice, spoken_clip))

    assert not video.jobs.filter(kind=Job.Kind.TRANSCRIPT).exists()


def test_an_uploaded_transcript_is_not_replaced_by_speech(alice, spoken_clip, make_video, run_jobs):
    video = make_video(alice, spoken_clip, run=True)
    storage.replace_transcript(video, Transcript.Source.UPLOADED, [TimedText(0, 1, "As the author wrote it.")], "en")

    run_jobs(video)

    assert video.transcripts.get().source == Transcript.Source.UPLOADED


def test_a_worker_that_runs_every_job_twice_stores_everything_once(alice, subtitled_clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, subtitled_clip))

    for kind in (Job.Kind.TRANSCRIPT, Job.Kind.PASSAGES, Job.Kind.SUMMARY):
        storage.restart_job(video, kind)
        worker.run(Job, video.jobs.get(kind=kind).pk)
    run_jobs(video)

    assert (video.transcripts.count(), Cue.objects.count(), Passage.objects.count()) == (1, 2, 1)


def test_the_language_of_an_uploaded_transcript_is_detected(alice_video, run_jobs):
    lines = ["Das Boot liegt im Hafen und wartet auf den Wind.", "Morgen fährt sie zusammen nach Norden."]
    cues = [TimedText(0.1, 0.9, lines[0]), TimedText(1.0, 1.9, lines[1])]
    storage.replace_transcript(alice_video, Transcript.Source.UPLOADED, cues)

    run_jobs(alice_video)

    assert alice_video.transcripts.get().language == "de"
    german = SearchQuery("fährt", config="german")
    assert Passage.objects.filter(search=german, video=alice_video).exists()


def test_speech_can_be_recognised_again_in_a_chosen_language(alice, spoken_clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, spoken_clip))
    pipeline.restart_speech(video, "de")  # which the installed English model does not know

    run_jobs(video)

    job = video.jobs.get(kind=Job.Kind.TRANSCRIPT)
    assert job.status == Job.Status.FAILED
    assert "does not know the language de" in job.error
    assert video.has_transcript


def test_recognising_speech_again_keeps_the_upload_until_there_is_a_result(
    alice, spoken_clip, make_video, run_jobs, settings
):
    video = run_jobs(make_video(alice, spoken_clip))
    storage.replace_transcript(video, Transcript.Source.UPLOADED, [TimedText(0, 1, "As written.")], "en")
    settings.SPEECH_MODEL = "whisper:/nonexistent"
    pipeline.restart_speech(run_jobs(video), "")
    run_jobs(video)
    assert storage.load_cues(storage.choose_transcript(video))[0].text != ""
    assert video.transcripts.filter(source=Transcript.Source.UPLOADED).exists()

    settings.SPEECH_MODEL = "whisper:auto"
    pipeline.restart_speech(video, "en")
    run_jobs(video)

    assert storage.choose_transcript(video).source == Transcript.Source.SPEECH
    assert video.transcripts.filter(source=Transcript.Source.UPLOADED).exists()


def test_speech_is_not_recognised_without_sound(alice_video):
    with pytest.raises(Conflict, match="no sound"):
        pipeline.restart_speech(alice_video, "en")


def test_a_line_cannot_be_corrected_while_the_transcript_is_made_anew(alice, subtitled_clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, subtitled_clip))
    cue = Cue.objects.filter(transcript__video=video).first()
    storage.restart_job(video, Job.Kind.TRANSCRIPT)

    with pytest.raises(Conflict, match="being created"):
        storage.edit_cue(video, cue.pk, "Corrected")
    run_jobs(video)
    cue = Cue.objects.filter(transcript__video=video).first()
    assert storage.edit_cue(video, cue.pk, "Corrected").text == "Corrected"


def test_chapters_of_the_owner_are_never_replaced_even_if_there_are_none(alice_video, run_jobs):
    replace_chapters(alice_video, [])
    lines = [f"Sentence number {number} is about the topic {number // 40}." for number in range(120)]
    cues = [TimedText(0.0, 1.0, line) for line in lines]

    storage.replace_transcript(alice_video, Transcript.Source.UPLOADED, cues, "en")
    run_jobs(alice_video)

    assert not alice_video.chapters.exists()


def test_an_upload_without_a_language_replaces_every_earlier_upload(alice_video, run_jobs):
    storage.replace_transcript(alice_video, Transcript.Source.UPLOADED, [TimedText(0, 1, "The ship is here now.")])
    run_jobs(alice_video)
    storage.replace_transcript(alice_video, Transcript.Source.UPLOADED, [])
    run_jobs(alice_video)

    assert alice_video.transcripts.get().cues.count() == 0
    assert not alice_video.has_transcript
    assert not Passage.objects.filter(video=alice_video).exists()


def test_removed_words_are_removed_from_comparisons(alice_comparison, run_jobs):
    for video in (alice_comparison.video_a, alice_comparison.video_b):
        cues = [TimedText(0, 1, f"Secret sentence about {video.pk}.")]
        storage.replace_transcript(video, Transcript.Source.UPLOADED, cues, "en")
        run_jobs(video)
    alice_comparison.refresh_from_db()
    assert "Secret" in str(alice_comparison.words) or alice_comparison.words["segments"]

    storage.replace_transcript(alice_comparison.video_a, Transcript.Source.UPLOADED, [])
    run_jobs(alice_comparison.video_a)

    alice_comparison.refresh_from_db()
    assert alice_comparison.words is None
