from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from sage.events import register_topic
from sage.jobs import registry
from sage.limits import admission, body_sizes, scopes
from sage.pages import layout
from sage.pages.layout import HeaderFragment, NavigationItem
from sage.signals import bootstrapped
from videos import limits
from videos.media.formats import EXTENSIONS
from videos.sandbox.system_checks import check_confinement
from videos.topics import REVIEWS, WORK

NAVIGATION = (
    NavigationItem(label="Library", url_name="videos:library", order=10, section="/videos/"),
    NavigationItem(label="Compare", url_name="videos:comparisons", order=20, section="/compare/"),
)


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = "Videos"

    def ready(self) -> None:
        """Check the settings and register what this app adds to the site."""
        from accounts.profile import deletion  # models are importable from here on
        from sage.jobs import outside
        from videos.library import purge
        from videos.processing import avatar_rendering, clip_models, comparison, pipeline
        from videos.screen_text import pipeline as screen_text
        from videos.search import kinds
        from videos.search.registry import register as register_search_kind
        from videos.transcripts import pipeline as transcripts
        from videos.uploads.admission import CHECKS
        from videos.youtube import pipeline as youtube

        if settings.UPLOAD_ENDINGS - EXTENSIONS:
            known = ", ".join(sorted(EXTENSIONS))
            raise ImproperlyConfigured(f"UPLOAD_ENDINGS must be a comma-separated list of these: {known}.")
        clip_models.check_setting()
        for step in (
            *pipeline.STEPS,
            *transcripts.STEPS,
            screen_text.SCREEN_TEXT,
            *youtube.STEPS,
            comparison.COMPARE,
            avatar_rendering.RENDER_AVATAR,
        ):
            registry.register(step)
        outside.register(*youtube.TASK_TYPES)
        pipeline.register_follow_up(transcripts.begin)
        pipeline.register_follow_up(screen_text.begin)
        for kind in kinds.KINDS:
            register_search_kind(kind)
        deletion.register_removal(purge.purge_owner)
        register_topic(REVIEWS)
        register_topic(WORK)
        scopes.register(*limits.SCOPES)
        body_sizes.register(*limits.BODY_LIMITS)
        admission.register(*CHECKS)
        layout.add_script("sage/notifications.js")
        layout.add_script("videos/search/header-search.js")
        layout.add_header_fragment(HeaderFragment(template="videos/_header_search.html", order=0))
        layout.add_header_fragment(HeaderFragment(template="videos/_notifications_menu.html", order=20))
        for item in NAVIGATION:
            layout.add_navigation_item(item)
        bootstrapped.connect(queue_startup_tasks)
        checks.register(check_confinement)


def queue_startup_tasks(**_: Any) -> None:
    """Queue the reanalysis of outdated videos and the demo comparison."""
    from videos import demo  # models can be imported only after the start
    from videos.tasks import prepare_demo, reread

    if demo.is_demo_missing():
        prepare_demo.delay()
    reread.delay()
