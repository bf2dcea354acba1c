"""Fetch the captions of a YouTube video with youtube-transcript-api. This module imports no Django code."""

from typing import TypedDict

import requests
from defusedxml import DefusedXmlException
from youtube_transcript_api import Transcript, TranscriptList, YouTubeTranscriptApi
from youtube_transcript_api._errors import (
    AgeRestricted,
    CouldNotRetrieveTranscript,
    FailedToCreateConsentCookie,
    PoTokenRequired,
    RequestBlocked,
    TranscriptsDisabled,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeDataUnparsable,
    YouTubeRequestFailed,
)

from videos.youtube import sentences
from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable
from videos.youtube.gateway import open_session

BLOCKED = (RequestBlocked, YouTubeRequestFailed, FailedToCreateConsentCookie, PoTokenRequired, YouTubeDataUnparsable)


class CaptionCue(TypedDict):
    """A line of captions, in seconds, as the API has it."""

    text: str
    offset: float
    duration: float


class Captions(TypedDict):
    """The captions in one language, such as `en` or `pt-BR`."""

    language: str
    cues: list[CaptionCue]


def fetch_captions(youtube_id: str, gateway: str = "") -> Captions:
    """Return the captions in the language of the video. Raises `YouTubeRefused` or `YouTubeUnreachable`."""
    try:
        chosen = choose_track(YouTubeTranscriptApi(http_client=open_session(gateway)).list(youtube_id))
        fetched = chosen.fetch()
    except TranscriptsDisabled as error:
        raise YouTubeRefused(sentences.NO_CAPTIONS) from error
    except AgeRestricted as error:
        raise YouTubeRefused(sentences.AGE_RESTRICTED) from error
    except VideoUnavailable as error:
        raise YouTubeRefused(sentences.REMOVED) from error
    except VideoUnplayable as error:
        raise sentences.explain_reason(error.reason or "") from error
    except BLOCKED as error:
        raise YouTubeUnreachable(sentences.BLOCKED) from error
    except requests.RequestException as error:
        raise YouTubeUnreachable(sentences.UNREACHABLE) from error
    except (CouldNotRetrieveTranscript, DefusedXmlException, ValueError, LookupError, TypeError, SyntaxError) as error:
        raise YouTubeUnreachable(sentences.UNEXPECTED) from error  # includes malformed XML and JSON
    cues: list[CaptionCue] = [
        {"text": one.text, "offset": max(one.start, 0.0), "duration": max(one.duration, 0.0)} for one in fetched
    ]
    return {"language": fetched.language_code, "cues": cues}


def choose_track(tracks: TranscriptList) -> Transcript:
    """Return the track that a person made in the spoken language, else in English, else any, else the automatic one.

    YouTube names the spoken language only through its automatic track. Raises `YouTubeRefused` if there is no track.
    """
    manual = {track.language_code: track for track in tracks if not track.is_generated}
    automatic = next((track for track in tracks if track.is_generated), None)
    spoken = automatic.language_code.partition("-")[0] if automatic else "en"
    for code in (spoken, "en"):
        same = [track for name, track in manual.items() if name.partition("-")[0] == code]
        if same:
            return same[0]
        if code == spoken and automatic and not any(name.partition("-")[0] == spoken for name in manual):
            return automatic
    chosen = next(iter(manual.values()), automatic)
    if chosen is None:
        raise YouTubeRefused(sentences.NO_CAPTIONS)
    return chosen
