"""Create the demo comparison on the home page from two rendered clips."""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.viewer import Viewer
from sage.jobs import shutdown
from sage.processes.private_folders import create_below
from sage.storage import storage
from videos.comparisons import requests as comparing
from videos.models import Comparison, Job, Video
from videos.processing import reanalysis
from videos.sandbox import runner
from videos.uploads.acceptance import StoredFile, create_video

TITLES = {"a": "Little planet, first cut", "b": "Little planet, second cut"}
FILES = {"a": "little-planet-v1.mp4", "b": "little-planet-v2.mp4"}


def get_demo_comparison() -> Comparison | None:
    """Return the newest completed comparison of the system user. None before the first."""
    shown = Comparison.objects.filter(owner__is_system=True, script__isnull=False).with_videos().first()
    return shown if shown and shown.is_completed else None


def is_demo_coming() -> bool:
    """Return whether the demo comparison will be shown: it is enabled, and neither a clip nor its comparison failed."""
    if not settings.DEMO:
        return False
    newest = Comparison.objects.filter(owner__is_system=True).first()
    if newest is not None:
        return newest.status not in (Job.Status.FAILED, Job.Status.CANCELLED)
    clips = Video.objects.filter(owner__is_system=True, filename__in=FILES.values())
    return not clips.filter(status=Video.Status.FAILED).exists()


def is_demo_missing() -> bool:
    """Return whether the demo is enabled and not created yet."""
    return settings.DEMO and not Comparison.objects.filter(owner__is_system=True).exists()


def prepare_demo() -> bool:
    """Run the next step: render the clips, or compare them after their analysis. Return True when the demo is done."""
    if not is_demo_missing():
        return True
    system = User.objects.system()
    found = {video.filename: video for video in Video.objects.filter(owner=system)}
    if len(found) < len(FILES):
        _render_clips(system)
        return False
    a, b = found[FILES["a"]], found[FILES["b"]]
    if Video.Status.FAILED in (a.status, b.status):
        return True
    if not (a.is_ready and b.is_ready) or any(reanalysis.is_outdated(video) for video in (a, b)):
        return False
    with transaction.atomic():
        User.objects.select_for_update().get(pk=system.pk)
        if is_demo_missing():
            comparing.create_comparison(Viewer(system), a, b)
    return True


def _render_clips(system: User) -> None:
    """Render both clips in the sandbox and create videos from them. Only one worker at a time may call this."""
    folder = settings.SCRATCH_DIR / f"demo-{uuid.uuid4()}"
    create_below(settings.SCRATCH_DIR, folder)
    try:
        runner.run_in_sandbox(
            "videos.media.demo_clips:write_demo_clips",
            {"folder": str(folder)},
            lambda progress: shutdown.check(),
            room=folder,
        )
        with transaction.atomic():
            User.objects.select_for_update().get(pk=system.pk)
            here = set(Video.objects.filter(owner=system).values_list("filename", flat=True))
            for side, filename in FILES.items():
                if filename in here:
                    continue
                path = Path(folder) / f"{side}.mp4"
                key = f"videos/{uuid.uuid4()}_{filename}"
                storage.put_file(key, path, "video/mp4")
                video = create_video(StoredFile(system, filename, "video/mp4", path.stat().st_size, key))
                Video.objects.filter(pk=video.pk).update(title=TITLES[side])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
