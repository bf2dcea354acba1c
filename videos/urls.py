"""The pages of videos and comparisons, and the socket that keeps them live."""

from django.urls import path, re_path

from videos import consumers, views

app_name = "videos"
urlpatterns = [
    path("library/", views.library, name="library"),
    path("library/upload/", views.upload, name="upload"),
    path("videos/<uuid:video_id>/", views.watch, name="watch"),
    path("videos/<uuid:video_id>/card/", views.card, name="card"),
    re_path(
        r"^videos/(?P<video_id>[0-9a-f-]{36})/(?P<name>poster\.jpg|still-\d{5}\.jpg|times\.f64)$",
        views.derived,
        name="derived",
    ),
    re_path(r"^videos/(?P<video_id>[0-9a-f-]{36})/(?P<action>cancel|retry|delete)/$", views.act, name="act"),
    path("compare/", views.comparisons, name="comparisons"),
    path("compare/<uuid:comparison_id>/", views.compare, name="compare"),
    re_path(
        r"^compare/(?P<comparison_id>[0-9a-f-]{36})/(?P<action>cancel|retry)/$",
        views.act_on_comparison,
        name="act-on-comparison",
    ),
    re_path(
        r"^compare/(?P<comparison_id>[0-9a-f-]{36})/picture-(?P<index>\d{1,6})-(?P<side>[ab])\.jpg$",
        views.picture,
        name="picture",
    ),
]
websocket_urlpatterns = [path("ws/videos/", consumers.VideosConsumer.as_asgi())]
