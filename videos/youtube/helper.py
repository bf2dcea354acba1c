"""Do the tasks of a Sage site from another machine: the client of `/v2/internal/tasks`.

It speaks HTTP only and uses no Django code, so that it runs without a database.
"""

import http.client
import json
import logging
import pkgutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from videos.youtube import fetcher
from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable

log = logging.getLogger(__name__)

WAIT_SECONDS = 30  # of one long poll
MARGIN_SECONDS = 15  # that an answer may take on top
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
RESULT_TRIES = 4
MAX_RESPONSE_BYTES = 16 * 1024**2
Task = dict[str, Any]  # as the site describes it


class TaskFailed(Exception):
    """The task cannot be done. The message is for the owner of the video."""


@dataclass(frozen=True)
class HelperTask:
    """A type of task. `do` names the function, as `module:name`, that returns what the site expects as `payload`.

    The function raises `TaskFailed`, `YouTubeRefused` or `YouTubeUnreachable`. Only helpers import it.
    """

    name: str
    payload: str
    do: str

    def load(self) -> Callable[["Helper", Task], Any]:
        """Return the function."""
        found: Callable[[Helper, Task], Any] = pkgutil.resolve_name(self.do)
        return found


_tasks: dict[str, HelperTask] = {}


def register_task(task: HelperTask) -> None:
    """Let helpers do a type of task. Apps call it in `AppConfig.ready()`. Raises ValueError if the name is taken."""
    if _tasks.setdefault(task.name, task) != task:
        raise ValueError(f"Two tasks of helpers have the name {task.name}.")


def list_task_names() -> tuple[str, ...]:
    return tuple(_tasks)


class SiteUnavailable(Exception):
    """The site cannot be reached, or is too busy. The request may be repeated after `pause_seconds`, if it says so."""

    def __init__(self, message: str, pause_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds


class SiteRefused(Exception):
    """The site refuses the request, so that repeating it is of no use."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


@dataclass
class Helper:
    """An outside worker for the site at `url`. `stop` ends it after the current task."""

    url: str
    token: str
    types: tuple[str, ...] = field(default_factory=list_task_names)
    gateway: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    fetch: Callable[..., Any] = fetcher.fetch

    def __post_init__(self) -> None:
        self._refusal: SiteRefused | None = None
        self._polls: dict[str, http.client.HTTPConnection] = {}  # the connections that wait for tasks, by type

    def stop(self) -> None:
        """End `run` after the current tasks. Requests that wait for a task end at once."""
        self.stopping.set()
        for connection in list(self._polls.values()):
            with suppress(OSError):
                if connection.sock:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        """Take and do tasks until `stopping` is set. Raises `SiteRefused` if the token is wrong."""
        threads = [threading.Thread(target=self._run_type, args=[name], name=name) for name in self.types]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._refusal is not None:
            raise self._refusal

    def _run_type(self, name: str) -> None:
        """Do the tasks of one type, one after the other. Pause longer after each error in a row."""
        errors = 0
        while not self.stopping.is_set():
            try:
                task = self._take(name)
                if task is not None:
                    self._do(task)
                errors = 0
            except SiteUnavailable as error:
                if self.stopping.is_set():
                    return
                errors += 1
                pause = error.pause_seconds or min(FIRST_PAUSE_SECONDS * 2 ** (errors - 1), LONGEST_PAUSE_SECONDS)
                log.warning("%s. Trying again in %.0f s.", error, pause)
                self.stopping.wait(pause)
            except SiteRefused as error:
                self._refusal = error
                self.stop()

    def _take(self, name: str) -> dict[str, Any] | None:
        query = urlencode({"type": name, "timeout": WAIT_SECONDS})
        connection = self._polls[name] = self._connect(WAIT_SECONDS + MARGIN_SECONDS)
        try:
            return self._request("GET", f"/v2/internal/tasks?{query}", connection=connection)
        finally:
            del self._polls[name]

    def _do(self, task: dict[str, Any]) -> None:
        name, video_id = task["task_type"], task["task_details"]["video_id"]
        began = time.monotonic()
        result: dict[str, Any] = {"video_id": video_id, "success": True}
        try:
            result[_tasks[name].payload] = _tasks[name].load()(self, task)
        except (TaskFailed, YouTubeRefused, YouTubeUnreachable) as error:
            result = {"video_id": video_id, "success": False, "error_message": str(error)}
        outcome = "done" if result["success"] else f"failed: {result['error_message']}"
        answer = self._send_result(task["task_id"], result)
        log.info("%s of %s %s (%.1f s). %s", name, video_id, outcome, time.monotonic() - began, answer)
        if not result["success"]:
            self.stopping.wait(FIRST_PAUSE_SECONDS)

    def read(self, path: str) -> Any:
        """Return the JSON at a path of the site. Raises `SiteUnavailable` and `SiteRefused`."""
        return self._request("GET", path)

    def _send_result(self, task_id: str, result: dict[str, Any]) -> str:
        """Send a result, several times if the site is unavailable. Return what the site says."""
        for number in range(1, RESULT_TRIES + 1):
            try:
                answer = self._request("POST", f"/v2/internal/tasks/{task_id}/result", result) or {}
                return str(answer.get("message", ""))
            except SiteRefused as error:
                if error.status in (401, 403):
                    raise
                return f"The site did not take it: {error}"
            except SiteUnavailable as error:
                if number == RESULT_TRIES:
                    raise
                self.stopping.wait(error.pause_seconds or FIRST_PAUSE_SECONDS * 2**number)
        return ""

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=timeout)

    def _request(
        self, method: str, path: str, body: Any = None, connection: http.client.HTTPConnection | None = None
    ) -> Any:
        """Send a request. Return the JSON of the answer, None if it is empty."""
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": "sage-helper", "Connection": "close"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection = connection or self._connect(timeout=60)
        try:
            connection.request(method, urlsplit(self.url).path.rstrip("/") + path, data, headers)
            answer = connection.getresponse()
            content = answer.read(MAX_RESPONSE_BYTES)
            if answer.status == 200:
                return json.loads(content)
        except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: not the JSON of Sage
            raise SiteUnavailable(f"The site cannot be reached: {error}") from error
        finally:
            connection.close()
        if answer.status == 204:
            return None
        if answer.status == 429 or answer.status >= 500:
            pause = answer.headers.get("Retry-After", "")
            raise SiteUnavailable(f"The site answered {answer.status}", float(pause) if pause.isdigit() else 0.0)
        raise SiteRefused(answer.status, _read_message(content))


def _read_message(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return "The answer is not that of a Sage site. Check the address."


def _fetch_metadata(helper: Helper, task: Task) -> Any:
    return helper.fetch("metadata", task["task_details"]["video_id"], helper.gateway)


def _fetch_transcript(helper: Helper, task: Task) -> Any:
    return helper.fetch("captions", task["task_details"]["video_id"], helper.gateway)["cues"]


register_task(HelperTask("metadata", "metadata", f"{__name__}:_fetch_metadata"))
register_task(HelperTask("transcript", "transcript", f"{__name__}:_fetch_transcript"))
