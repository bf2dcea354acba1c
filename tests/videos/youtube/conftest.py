"""Fixtures with a double of YouTube, and with an outside worker that calls the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.videos.youtube.server import FakeVideo, youtube_server

ID = "dQw4w9WgXcQ"
TOKEN = "t" * 40


@pytest.fixture
def youtube(settings):
    """Run the double of YouTube, with one video."""
    with youtube_server() as server:
        settings.YOUTUBE_GATEWAY = server.gateway
        server.add(FakeVideo(ID))
        yield server


@pytest.fixture
def video(alice):
    """Add the video to the library of Alice."""
    from accounts.viewer import Viewer
    from videos.youtube.entries import add_video

    return add_video(Viewer(alice), ID)[0]


@pytest.fixture
def run_job():
    """Return a function that runs a job of a video as this site's worker does, after the grace."""
    from django.db.models.functions import Now

    from sage.jobs import worker
    from sage.jobs.outside import LONGEST_WAIT_SECONDS
    from videos.models import Job

    def run(video, kind):
        long_ago = Now() - timedelta(seconds=2 * LONGEST_WAIT_SECONDS)
        Job.objects.filter(video=video, kind=kind).update(run_after=long_ago)
        job = Job.objects.get(video=video, kind=kind)
        worker.run(Job, job.pk)
        job.refresh_from_db()
        return job

    return run


class OutsideWorker:
    """An outside worker that calls the API as a script does."""

    def __init__(self) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {TOKEN}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/v2/internal/{path}", headers=self.headers)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/v2/internal/{path}", body, content_type="application/json", headers=self.headers)

    def take(self, kind: str, timeout: int = 0) -> Any:
        answer = self.get(f"tasks?type={kind}&timeout={timeout}")
        return answer.json() if answer.status_code == 200 else answer.status_code

    def end(self, task: dict[str, Any], **result: Any) -> Any:
        body = {"video_id": task["task_details"]["video_id"], "success": True, **result}
        return self.post(f"tasks/{task['task_id']}/result", body)


@pytest.fixture
def outside_worker(db, settings):
    settings.ADMIN_TOKEN = TOKEN
    return OutsideWorker()
