"""The pages of videos and comparisons, and the socket that keeps them live."""

from django.urls import path, register_converter

from videos import consumers
from videos.views import collections, comparisons, library, notices, shares


class OneOf:
    """A part of an address that is one of a few words."""

    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class Derived(OneOf):
    regex = r"poster\.jpg|still-[0-9]{5}\.jpg|sprite-[0-9]{3}\.jpg|sprites\.vtt|waveform\.dat|times\.f64"


class Action(OneOf):
    regex = "cancel|retry|delete"


class Index(OneOf):
    regex = "[0-9]{1,6}"


class Side(OneOf):
    regex = "a|b"


register_converter(Derived, "derived")
register_converter(Action, "action")
register_converter(Index, "index")
register_converter(Side, "side")

app_name = "videos"
urlpatterns = [
    path("library/", library.library, name="library"),
    path("library/upload/", library.upload, name="upload"),
    path("videos/<uuid:video_id>/", library.watch, name="watch"),
    path("library/collections/", collections.make, name="make-collection"),
    path("library/collections/<uuid:collection_id>/", collections.rename, name="rename-collection"),
    path("library/collections/<uuid:collection_id>/delete/", collections.delete, name="delete-collection"),
    path("videos/<uuid:video_id>/restore/", library.restore, name="restore"),
    path("videos/<uuid:video_id>/edit/", library.edit, name="edit"),
    path("videos/<uuid:video_id>/card/", library.card, name="card"),
    path("videos/<uuid:video_id>/<derived:name>", library.derived, name="derived"),
    path("videos/<uuid:video_id>/<action:action>/", library.act, name="act"),
    path("notices/", notices.listed, name="notices"),
    path("notices/read/", notices.read, name="read-notices"),
    path("notices/<uuid:notice_id>/", notices.follow, name="notice"),
    path("compare/", comparisons.comparisons, name="comparisons"),
    path("compare/<uuid:comparison_id>/", comparisons.compare, name="compare"),
    path("compare/<uuid:comparison_id>/<action:action>/", comparisons.act, name="act-on-comparison"),
    path("compare/<uuid:comparison_id>/threshold/", comparisons.set_threshold, name="set_threshold"),
    path("compare/<uuid:comparison_id>/export/", comparisons.export, name="export_comparison"),
    path("compare/<uuid:comparison_id>/report/", comparisons.report, name="comparison_report"),
    path("compare/<uuid:comparison_id>/share/", comparisons.share, name="share_comparison"),
    path("compare/<uuid:comparison_id>/picture-<index:index>-<side:side>.jpg", comparisons.picture, name="picture"),
    path("s/<slug:token>", shares.shared, name="shared"),
    path("s/<slug:token>/ticket", shares.ticket, name="shared-ticket"),
    path("s/media/<str:ticket>/<side:side>/file", shares.file, name="shared-file"),
    path("s/media/<str:ticket>/<side:side>/<derived:name>", shares.derived, name="shared-derived"),
    path("s/media/<str:ticket>/picture-<index:index>-<side:side>.jpg", shares.picture, name="shared-picture"),
]
websocket_urlpatterns = [path("ws/videos/", consumers.VideosConsumer.as_asgi())]
