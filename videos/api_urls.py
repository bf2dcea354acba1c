"""The API's addresses around videos, below `/v2/`."""

from django.urls import path

from videos.api import collections, comparisons, internal, uploads, videos

COMPARISON = "comparisons/<uuid:comparison_id>"
VIDEO = "videos/<uuid:video_id>"
UPLOAD = "uploads/<uuid:upload_id>"

app_name = "api"
urlpatterns = [
    path("uploads", uploads.Uploads.as_view(), name="uploads"),
    path(UPLOAD, uploads.OneUpload.as_view(), name="upload"),
    path(f"{UPLOAD}/parts", uploads.Parts.as_view(), name="upload-parts"),
    path(f"{UPLOAD}/parts/<int:number>", uploads.Part.as_view(), name="upload-part"),
    path(f"{UPLOAD}/parts/<int:number>/url", uploads.PartUrl.as_view(), name="upload-part-url"),
    path(f"{UPLOAD}/complete", uploads.Complete.as_view(), name="upload-complete"),
    path("videos", videos.Videos.as_view(), name="videos"),
    path(VIDEO, videos.OneVideo.as_view(), name="video"),
    path(f"{VIDEO}/file", videos.VideoFile.as_view(), name="file"),
    path(f"{VIDEO}/stream", videos.Stream.as_view(), name="video-stream"),
    path(f"{VIDEO}/restore", videos.Restore.as_view(), name="video-restore"),
    path(f"{VIDEO}/cancel", videos.Cancel.as_view(), name="video-cancel"),
    path(f"{VIDEO}/retry", videos.Retry.as_view(), name="video-retry"),
    path("collections", collections.Collections.as_view(), name="collections"),
    path("collections/<uuid:collection_id>", collections.OneCollection.as_view(), name="collection"),
    path("comparisons", comparisons.Comparisons.as_view(), name="comparisons"),
    path(COMPARISON, comparisons.OneComparison.as_view(), name="comparison"),
    path(f"{COMPARISON}/cancel", comparisons.Cancel.as_view(), name="comparison-cancel"),
    path(f"{COMPARISON}/retry", comparisons.Retry.as_view(), name="comparison-retry"),
    path(f"{COMPARISON}/export", comparisons.Export.as_view(), name="comparison-export"),
    path(f"{COMPARISON}/share", comparisons.Sharing.as_view(), name="comparison-share"),
    path(f"internal/{VIDEO}", internal.OneVideo.as_view(), name="internal-video"),
]
