"""Offer transcripts as files, and say why a video has none."""

from videos.models import Job

CONTENT_TYPES = {
    "json": "application/json",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
DESCRIPTIONS = (("srt", "Subtitles"), ("vtt", "Web captions"), ("txt", "Plain text"), ("json", "For scripts"))
# The languages that a user can choose, by ISO 639-1: those that Whisper recognises best.
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def describe_absence(job: Job | None) -> str:
    """Return why a video has no transcript and what to do. `job` is the one that makes it, if there is one."""
    if job is None:
        return "This video has no transcript. Upload one."
    if job.is_open:
        return "The transcript is being created."
    if job.status == Job.Status.FAILED:
        return f"The transcript failed: {job.error}"
    if job.status == Job.Status.CANCELLED:
        return "The transcript was cancelled. Retry, or upload one."
    return "No speech was found in this video. You can upload a transcript."
