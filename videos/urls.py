"""The pages of videos and comparisons, and the socket that keeps them live."""

from django.urls import path, register_converter

from videos import consumers, views


class OneOf:
    """A part of an address that is one of a few words."""

    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class Derived(OneOf):
    regex = r"poster\.jpg|still-[0-9]{5}\.jpg|times\.f64"


class Action(OneOf):
    regex = "cancel|retry|delete"


class Effort(OneOf):
    regex = "cancel|retry"


class Index(OneOf):
    regex = "[0-9]{1,6}"


class Side(OneOf):
    regex = "a|b"


register_converter(Derived, "derived")
register_converter(Action, "action")
register_converter(Effort, "effort")
register_converter(Index, "index")
register_converter(Side, "side")

app_name = "videos"
urlpatterns = [
    path("library/", views.library, name="library"),
    path("library/upload/", views.upload, name="upload"),
    path("videos/<uuid:video_id>/", views.watch, name="watch"),
    path("videos/<uuid:video_id>/card/", views.card, name="card"),
    path("videos/<uuid:video_id>/<derived:name>", views.derived, name="derived"),
    path("videos/<uuid:video_id>/<action:action>/", views.act, name="act"),
    path("compare/", views.comparisons, name="comparisons"),
    path("compare/<uuid:comparison_id>/", views.compare, name="compare"),
    path("compare/<uuid:comparison_id>/<effort:action>/", views.act_on_comparison, name="act-on-comparison"),
    path("compare/<uuid:comparison_id>/picture-<index:index>-<side:side>.jpg", views.picture, name="picture"),
]
websocket_urlpatterns = [path("ws/videos/", consumers.VideosConsumer.as_asgi())]
