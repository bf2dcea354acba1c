"""A double of YouTube that speaks its wire formats over loopback, as a gateway: see `videos.youtube.gateway`.

It serves the watch page, the player endpoint of the apps, timed text as XML, and thumbnails.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT_REASON = "Sign in to confirm you’re not a bot"
AGE_REASON = "This video may be inappropriate for some users."
OWNER = {  # the part of the page below the player
    "contents": {
        "twoColumnWatchNextResults": {
            "results": {
                "results": {
                    "contents": [
                        {"videoPrimaryInfoRenderer": {}},
                        {
                            "videoSecondaryInfoRenderer": {
                                "owner": {"videoOwnerRenderer": {"title": {"runs": [{"text": "Harbour films"}]}}}
                            }
                        },
                    ]
                }
            }
        }
    }
}
CUES = [(0.0, 2.5, "Welcome to the harbour."), (2.5, 3.0, "The boats <b>leave</b> at six & return at noon.")]


@dataclass
class FakeVideo:
    """A video of the double. `tracks` are captions: language, whether they are automatic, and cues."""

    id: str
    title: str = "A film about the harbour"
    description: str = "Boats."
    seconds: int = 60
    status: str = "OK"
    reason: str = ""
    subreason: str = ""
    is_live: bool = False
    tracks: list[tuple[str, bool, list[tuple[float, float, str]]]] = field(
        default_factory=lambda: [("en", False, CUES)]
    )
    thumbnail: bytes = b""
    delay: float = 0.0  # seconds before the watch page is sent

    def build_player_response(self, address: str) -> dict[str, Any]:
        """Return the JSON of the player endpoint and of the watch page."""
        status: dict[str, Any] = {"status": self.status}
        if self.reason:
            error = {"reason": {"simpleText": self.reason}}
            if self.subreason:
                error["subreason"] = {"runs": [{"text": self.subreason}]}
            status |= {"reason": self.reason, "errorScreen": {"playerErrorMessageRenderer": error}}
        if self.status == "ERROR" or self.reason == BOT_REASON:
            return {"playabilityStatus": status}
        captions = [
            {
                "baseUrl": f"https://www.youtube.com/api/timedtext?v={self.id}&lang={language}&n={number}",
                "name": {"runs": [{"text": language}]},
                "languageCode": language,
                "isTranslatable": True,
                **({"kind": "asr"} if automatic else {}),
            }
            for number, (language, automatic, _) in enumerate(self.tracks)
        ]
        return {
            "playabilityStatus": status,
            "videoDetails": {
                "videoId": self.id,
                "title": self.title,
                "lengthSeconds": "0" if self.is_live else str(self.seconds),
                "channelId": "UCharbourharbourharbour1",
                "shortDescription": self.description,
                "viewCount": "1234",
                "author": "Harbour films",
                "isLiveContent": self.is_live,
                **({"isLive": True} if self.is_live else {}),
            },
            "microformat": {
                "playerMicroformatRenderer": {
                    "ownerChannelName": "Harbour films",
                    "ownerProfileUrl": "http://www.youtube.com/@harbour",
                    "uploadDate": "2024-05-06T07:08:09-07:00",
                    "publishDate": "2024-05-06T07:08:09-07:00",
                }
            },
            **({"captions": {"playerCaptionsTracklistRenderer": {"captionTracks": captions}}} if captions else {}),
        }


class YouTubeServer(ThreadingHTTPServer):
    """The double. `blocks` answers everything with 429, `is_captcha` shows the page that asks for a captcha."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), YouTubeHandler)
        self.videos: dict[str, FakeVideo] = {}
        self.paths: list[str] = []
        self.blocks = False
        self.is_captcha = False
        self.stopping = threading.Event()

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, video: FakeVideo) -> FakeVideo:
        self.videos[video.id] = video
        return video


class YouTubeHandler(BaseHTTPRequestHandler):
    server: YouTubeServer

    def log_message(self, *arguments: Any) -> None:
        """Write no log."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.paths.append(parts.path)
        if self.server.blocks:
            return self._send(429, "text/html", b"<html>Too many requests</html>")
        if parts.path == "/www.youtube.com/watch":
            if known := self.server.videos.get(query.get("v", "")):
                self.server.stopping.wait(known.delay)
            return self._send(200, "text/html; charset=utf-8", self._build_page(query.get("v", "")).encode())
        if parts.path == "/www.youtube.com/youtubei/v1/player":
            video = self.server.videos.get(json.loads(body)["videoId"])
            return self._send(200, "application/json", json.dumps(self._respond(video)).encode())
        if parts.path == "/www.youtube.com/youtubei/v1/next":
            return self._send(200, "application/json", json.dumps(OWNER).encode())
        if parts.path == "/www.youtube.com/api/timedtext":
            cues = self.server.videos[query["v"]].tracks[int(query["n"])][2]
            return self._send(200, "text/xml; charset=utf-8", build_timed_text(cues).encode())
        if parts.path.startswith("/i.ytimg.com/vi/"):
            _, _, _, youtube_id, name = parts.path.split("/")
            video = self.server.videos.get(youtube_id)
            if video and video.thumbnail and name == "hqdefault.jpg":
                return self._send(200, "image/jpeg", video.thumbnail)
        return self._send(404, "text/html", b"<html>Not found</html>")

    def _respond(self, video: FakeVideo | None) -> dict[str, Any]:
        if video is None:
            video = FakeVideo("", status="ERROR", reason="This video is unavailable")
        return video.build_player_response(self.server.gateway)

    def _build_page(self, youtube_id: str) -> str:
        if self.server.is_captcha:
            return '<html><form><div class="g-recaptcha"></div></form></html>'
        settings = {"INNERTUBE_API_KEY": "AIzaSyDouble", "INNERTUBE_CONTEXT_CLIENT_NAME": 1}
        response = json.dumps(self._respond(self.server.videos.get(youtube_id))).replace("<", "\\u003c")
        return (
            f"<html><head><script>ytcfg.set({json.dumps(settings)});</script></head><body>"
            f"<script>var ytInitialPlayerResponse = {response};</script>"
            f"<script>var ytInitialData = {json.dumps(OWNER)};</script></body></html>"
        )

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def build_timed_text(cues: list[tuple[float, float, str]]) -> str:
    """Return cues as YouTube's XML, whose text is HTML that is escaped once more."""
    lines = "".join(
        f'<text start="{start:g}" dur="{duration:g}">{escape(escape(text, quote=False))}</text>'
        for start, duration, text in cues
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{lines}</transcript>'


@contextmanager
def youtube_server() -> Iterator[YouTubeServer]:
    """Run the double."""
    server = YouTubeServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
