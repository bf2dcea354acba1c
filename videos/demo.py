"""The comparison on the front page: two short clips that Sage draws itself, compared by the same engine."""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.viewer import Viewer
from sage.storage import storage
from videos import comparison as comparing
from videos import jobs, rereading, sandbox
from videos.arrived import Arrived, accept
from videos.models import Comparison, Video

TITLES = {"a": "Little planet, first cut", "b": "Little planet, second cut"}
FILES = {"a": "little-planet-v1.mp4", "b": "little-planet-v2.mp4"}


def comparison() -> Comparison | None:
    """The newest finished comparison of Sage's own."""
    shown = Comparison.objects.filter(owner__is_system=True, script__isnull=False).with_sides().first()
    return shown if shown and shown.is_completed else None


def is_wanted() -> bool:
    """Whether the demonstration is still to be made."""
    return settings.DEMO and not Comparison.objects.filter(owner__is_system=True).exists()


def prepare() -> bool:
    """Do what can be done now: draw the clips, or compare them once they are read. True when nothing is left to do."""
    if not is_wanted():
        return True
    system = User.objects.system()
    found = {video.filename: video for video in Video.objects.filter(owner=system)}
    if len(found) < len(FILES):
        _draw(system)
        return False
    a, b = found[FILES["a"]], found[FILES["b"]]
    if Video.Status.FAILED in (a.status, b.status):
        return True
    if not (a.is_ready and b.is_ready) or any(rereading.is_outdated(video) for video in (a, b)):
        return False
    with transaction.atomic():
        User.objects.select_for_update().get(pk=system.pk)
        if is_wanted():
            comparing.compare(Viewer(system), a, b)
    return True


def _draw(system: User) -> None:
    """Render both clips in the sandbox and take them in like any upload. One worker at a time does this."""
    folder = settings.SCRATCH_DIR / f"demo-{uuid.uuid4()}"
    folder.mkdir(parents=True)
    try:
        sandbox.run("videos.media.scene:render", {"folder": str(folder)}, lambda progress: jobs.go_on(), room=folder)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=system.pk)
            here = set(Video.objects.filter(owner=system).values_list("filename", flat=True))
            for side, filename in FILES.items():
                if filename in here:
                    continue
                path = Path(folder) / f"{side}.mp4"
                key = f"videos/{uuid.uuid4()}_{filename}"
                storage.put_file(key, path, "video/mp4")
                video = accept(Arrived(system, filename, "video/mp4", path.stat().st_size, key))
                Video.objects.filter(pk=video.pk).update(title=TITLES[side])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
