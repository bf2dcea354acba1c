from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from videos.confinement import has_filter, landlock_version
from videos.media.formats import ENDINGS


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = "Videos"

    def ready(self) -> None:
        """Say to the rooms below how pictures are drawn, and what goes with an account; hold settings of our own."""
        from accounts import deletion, pictures  # models can be imported only now
        from videos import cleaning, portraits

        if settings.UPLOAD_ENDINGS - ENDINGS:
            known = ", ".join(sorted(ENDINGS))
            raise ImproperlyConfigured(f"UPLOAD_ENDINGS must be some of these, with commas between them: {known}.")
        pictures.draw_by(portraits.draw)
        deletion.with_account(cleaning.forget_owner)
        checks.register(confinement)


def confinement(**_: Any) -> list[checks.CheckMessage]:
    """Say at every start where the kernel keeps decoders in less than it could."""
    missing: list[checks.CheckMessage] = []
    if not landlock_version():
        missing.append(
            checks.Info(
                "This kernel has no Landlock, so a decoder can open whatever Sage can.",
                hint="Run the workers on Linux 5.13 or later with Landlock, or under a user who owns nothing else.",
                id="videos.I001",
            )
        )
    if not has_filter():
        missing.append(
            checks.Info(
                "There is no filter of system calls for this processor, so a decoder can start other programs.",
                hint="Run the workers on x86_64 or aarch64.",
                id="videos.I002",
            )
        )
    return missing
