"""Map the URLs of the pages of videos and comparisons, and the URL of their socket."""

from django.urls import path

from videos import consumers
from videos import converters as converters  # registers the converter of video ids
from videos.views import (
    collections,
    comparisons,
    conform,
    library,
    notifications,
    search,
    shares,
    takeover,
    transcripts,
    watch,
)

app_name = "videos"
urlpatterns = [
    path("library/", library.library, name="library"),
    path("library/upload/", library.upload_videos, name="upload"),
    path("library/youtube/", library.add_youtube_video, name="add-youtube"),
    path("videos/<video:video_id>/", watch.video_detail, name="watch"),
    path("library/collections/", collections.create_collection, name="create-collection"),
    path("library/collections/<uuid:collection_id>/", collections.rename_collection, name="rename-collection"),
    path("library/collections/<uuid:collection_id>/delete/", collections.delete_collection, name="delete-collection"),
    path("videos/<video:video_id>/restore/", library.restore_video, name="restore"),
    path("videos/<video:video_id>/edit/", library.edit_video, name="edit"),
    path("videos/<video:video_id>/card/", library.video_card, name="card"),
    path("videos/<video:video_id>/take-over/", takeover.take_over, name="take-over"),
    path("videos/<video:video_id>/transcript/upload/", transcripts.upload_transcript, name="upload-transcript"),
    path("videos/<video:video_id>/transcript/recognise/", transcripts.recognise_speech, name="recognise-speech"),
    path(
        "videos/<video:video_id>/transcript.<transcript_format:kind>",
        transcripts.download_transcript,
        name="download-transcript",
    ),
    path("videos/<video:video_id>/transcript/<int:cue_id>/", transcripts.edit_cue, name="edit-cue"),
    path("videos/<video:video_id>/chapters/", transcripts.edit_chapters, name="edit-chapters"),
    path("videos/<video:video_id>/<derived:name>", library.derived_file, name="derived"),
    path("videos/<video:video_id>/screen-text/", library.read_screen_text, name="read-screen-text"),
    path("videos/<video:video_id>/<action:action>/", library.act_on_video, name="act-on-video"),
    path("videos/<video:video_id>/similar/", search.similar_shots, name="similar"),
    path("search/", search.search_page, name="search"),
    path("notices/", notifications.notification_list, name="notifications"),
    path("notices/read/", notifications.mark_notifications_read, name="mark-notifications-read"),
    path("notices/<uuid:notice_id>/", notifications.open_notification, name="notification"),
    path("compare/", comparisons.comparison_list, name="comparisons"),
    path("compare/<uuid:comparison_id>/", comparisons.comparison_detail, name="compare"),
    path("compare/<uuid:comparison_id>/<action:action>/", comparisons.act_on_comparison, name="act-on-comparison"),
    path("compare/<uuid:comparison_id>/threshold/", comparisons.set_threshold, name="set-threshold"),
    path("compare/<uuid:comparison_id>/export/", comparisons.export_comparison, name="export-comparison"),
    path("compare/<uuid:comparison_id>/quality.csv", comparisons.export_quality_check, name="quality-csv"),
    path("compare/<uuid:comparison_id>/conform/", conform.conform_file, name="conform-file"),
    path("compare/<uuid:comparison_id>/report/", comparisons.comparison_report, name="comparison-report"),
    path(
        "compare/<uuid:comparison_id>/differences/<index:index>/",
        comparisons.review_difference,
        name="review-difference",
    ),
    path("compare/<uuid:comparison_id>/share/", comparisons.share_comparison, name="share-comparison"),
    path(
        "compare/<uuid:comparison_id>/picture-<index:index>-<side:side>.jpg",
        comparisons.difference_picture,
        name="picture",
    ),
    path("s/<slug:token>", shares.shared_comparison, name="shared"),
    path("s/<slug:token>/ticket", shares.share_ticket, name="shared-ticket"),
    path("s/media/<str:ticket>/<side:side>/file", shares.shared_file, name="shared-file"),
    path("s/media/<str:ticket>/<side:side>/<derived:name>", shares.shared_derived_file, name="shared-derived"),
    path("s/media/<str:ticket>/picture-<index:index>-<side:side>.jpg", shares.shared_picture, name="shared-picture"),
]
websocket_urlpatterns = [path("ws/videos/", consumers.VideosConsumer.as_asgi())]
