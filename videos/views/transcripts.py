"""Upload, edit, create and download the transcript and the chapters of a video."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.viewer import viewer_of
from sage.errors import ApplicationError
from videos.models import Cue, Job, Video
from videos.transcripts import chapters, cues, downloads, pipeline, storage

MAX_SHOWN_CUES = 5_000  # on a page; longer transcripts can be downloaded whole
STOPPED = (Job.Status.FAILED, Job.Status.CANCELLED)
AUTOMATIC = ("", "Detect language")


class TranscriptForm(forms.Form):
    """Upload a transcript as a file."""

    file = forms.FileField(
        label="Transcript",
        help_text="SubRip (.srt), WebVTT (.vtt) or JSON.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty. Choose another."},
        widget=forms.ClearableFileInput(attrs={"accept": ".srt,.vtt,.json"}),
    )


class SpeechForm(forms.Form):
    """Choose the language of the speech."""

    language = forms.ChoiceField(
        required=False, choices=[AUTOMATIC, *sorted(downloads.LANGUAGES.items(), key=lambda item: item[1])]
    )


class CueForm(forms.Form):
    """Correct a line of a transcript."""

    text = forms.CharField(max_length=cues.MAX_CUE_LETTERS, widget=forms.Textarea(attrs={"rows": 3}))


class ChaptersForm(forms.Form):
    """Edit the chapters as text, one per line."""

    text = forms.CharField(
        label="Chapters",
        required=False,
        max_length=200_000,
        strip=False,
        help_text="One per line: the time, a space, and the title, such as “1:05 Interview”.",
        widget=forms.Textarea(attrs={"rows": 14}),
    )


def build_context(video: Video, language: str) -> dict[str, Any]:
    """Return what the transcript panel of a video shows. `language` selects one of several transcripts."""
    transcripts = list(storage.list_transcripts(video))
    chosen = storage.choose_transcript(video, language) or storage.choose_transcript(video)
    rows = chosen.cues.values_list("pk", "start", "end", "text") if chosen else Cue.objects.none()
    shown = list(rows[: MAX_SHOWN_CUES + 1])
    jobs = {job.kind: job for job in video.jobs.all()}
    kinds = (Job.Kind.TRANSCRIPT, Job.Kind.PASSAGES, Job.Kind.SUMMARY)
    open_jobs = (jobs[kind] for kind in kinds if kind in jobs and jobs[kind].is_open)
    stopped = (jobs[kind] for kind in kinds if kind in jobs and jobs[kind].status in STOPPED)
    job = next(open_jobs, None) or next(stopped, None)
    return {
        "transcript": chosen,
        "transcript_language": downloads.LANGUAGES.get(chosen.language, chosen.language) if chosen else "",
        "transcript_languages": [
            (row.language, downloads.LANGUAGES.get(row.language, row.language or "Unknown language"))
            for row in transcripts
        ],
        "cues": shown[:MAX_SHOWN_CUES],
        "has_more_cues": len(shown) > MAX_SHOWN_CUES,
        "transcript_job": job,
        "transcript_seconds_done": (job.progress if job else 0) * (video.duration or 0),
        "transcript_formats": downloads.DESCRIPTIONS,
        "transcript_absence": downloads.describe_absence(jobs.get(Job.Kind.TRANSCRIPT)),
        "can_recognise_speech": bool(video.metadata.get("audio_tracks")) and pipeline.is_speech_enabled(),
        "speech_form": SpeechForm(initial={"language": video.spoken_language}),
        "transcript_form": TranscriptForm(),
        "chapters": list(chapters.list_chapters(video)),
    }


@login_required
@require_POST
def upload_transcript(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Replace the uploaded transcript of a video."""
    video = _get_owned(request, video_id)
    form = TranscriptForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return _show_transcript(video)
    file = form.cleaned_data["file"]
    try:
        found = cues.parse_cues(file.read(cues.MAX_BYTES + 1), file.content_type or "", file.name)
        checked = cues.check_times(found, video.duration)
    except ApplicationError as error:
        messages.error(request, f"{error.message} The transcript was not changed.")
    else:
        storage.replace_uploaded_transcript(video, checked)
        messages.success(request, f"Transcript uploaded: {len(checked):,} lines.")
    return _show_transcript(video)


@login_required
@require_POST
def recognise_speech(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Create the transcript of a video from its speech, in a chosen language."""
    video = _get_owned(request, video_id)
    form = SpeechForm(request.POST)
    if form.is_valid():
        try:
            pipeline.restart_speech(video, form.cleaned_data["language"])
        except ApplicationError as error:
            messages.error(request, error.message)
    else:
        messages.error(request, "Choose a language from the list.")
    return _show_transcript(video)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_cue(request: HttpRequest, video_id: uuid.UUID | str, cue_id: int) -> HttpResponse:
    """Correct a line of a transcript."""
    video = _get_owned(request, video_id)
    cue = get_object_or_404(Cue.objects.filter(transcript__in=storage.list_transcripts(video)), pk=cue_id)
    form = CueForm(request.POST if request.method == "POST" else None, initial={"text": cue.text})
    if form.is_valid():
        cue = storage.edit_cue(video, cue.pk, form.cleaned_data["text"])
        return redirect(f"{_watch_path(video)}?panel=transcript&t={cue.start:g}#cue-{cue.pk}")
    context = {"video": video, "cue": cue, "form": form}
    return render(request, "videos/edit_cue.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_chapters(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Edit the chapters of a video as text."""
    video = _get_owned(request, video_id)
    initial = {"text": chapters.as_text(chapters.list_chapters(video))}
    form = ChaptersForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            chapters.replace_chapters(video, chapters.parse_text(form.cleaned_data["text"]))
        except ApplicationError as error:
            form.add_error("text", error.message)
        else:
            return _show_transcript(video)
    context = {"video": video, "form": form}
    return render(request, "videos/edit_chapters.html", context, status=422 if form.errors else 200)


@require_GET
def download_transcript(request: HttpRequest, video_id: uuid.UUID | str, kind: str) -> HttpResponse:
    """Download the transcript, or the chapters as text for a YouTube description."""
    video = get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))
    if kind == "chapters":
        text, name, kind = (
            chapters.as_youtube_text(chapters.list_chapters(video)),
            f"{video.safe_title} chapters.txt",
            "txt",
        )
    else:
        transcript = storage.choose_transcript(video, request.GET.get("language", ""))
        if transcript is None:
            return redirect("videos:watch", video_id=video.video_id)
        text, name = cues.write_cues(storage.load_cues(transcript), kind), f"{video.safe_title}.{kind}"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(text, content_type=downloads.CONTENT_TYPES[kind], headers=headers)


def _watch_path(video: Video) -> str:
    return redirect("videos:watch", video_id=video.video_id).url


def _show_transcript(video: Video) -> HttpResponse:
    return redirect(f"{_watch_path(video)}?panel=transcript#transcript")


def _get_owned(request: HttpRequest, video_id: uuid.UUID | str) -> Video:
    return get_object_or_404(Video.objects.in_library_of(viewer_of(request)).with_id(video_id))
