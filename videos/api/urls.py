"""URLs of the videos API below `/v2/`."""

from django.urls import path

from videos import converters as converters  # registers the converter of video ids
from videos.api import collections, comparisons, conform, internal, search, transcripts, uploads, videos

COMPARISON = "comparisons/<uuid:comparison_id>"
VIDEO = "videos/<video:video_id>"
UPLOAD = "uploads/<uuid:upload_id>"

app_name = "api"
urlpatterns = [
    path("uploads", uploads.UploadListView.as_view(), name="uploads"),
    path(UPLOAD, uploads.UploadDetailView.as_view(), name="upload"),
    path(f"{UPLOAD}/parts", uploads.UploadPartsView.as_view(), name="upload-parts"),
    path(f"{UPLOAD}/parts/<int:number>", uploads.UploadPartView.as_view(), name="upload-part"),
    path(f"{UPLOAD}/parts/<int:number>/url", uploads.UploadPartUrlView.as_view(), name="upload-part-url"),
    path(f"{UPLOAD}/complete", uploads.UploadCompleteView.as_view(), name="upload-complete"),
    path("videos", videos.VideoListView.as_view(), name="videos"),
    path(VIDEO, videos.VideoDetailView.as_view(), name="video"),
    path(f"{VIDEO}/file", videos.VideoFileView.as_view(), name="file"),
    path(f"{VIDEO}/stream", videos.VideoStreamView.as_view(), name="video-stream"),
    path(f"{VIDEO}/restore", videos.VideoRestoreView.as_view(), name="video-restore"),
    path(f"{VIDEO}/cancel", videos.VideoCancelView.as_view(), name="video-cancel"),
    path(f"{VIDEO}/retry", videos.VideoRetryView.as_view(), name="video-retry"),
    path(f"{VIDEO}/transcript", transcripts.TranscriptView.as_view(), name="transcript"),
    path(f"{VIDEO}/chapters", transcripts.ChaptersView.as_view(), name="chapters"),
    path(f"{VIDEO}/similar", search.SimilarView.as_view(), name="similar"),
    path("search", search.SearchView.as_view(), name="search"),
    path("collections", collections.CollectionListView.as_view(), name="collections"),
    path("collections/<uuid:collection_id>", collections.CollectionDetailView.as_view(), name="collection"),
    path("comparisons", comparisons.ComparisonListView.as_view(), name="comparisons"),
    path(COMPARISON, comparisons.ComparisonDetailView.as_view(), name="comparison"),
    path(f"{COMPARISON}/cancel", comparisons.ComparisonCancelView.as_view(), name="comparison-cancel"),
    path(f"{COMPARISON}/retry", comparisons.ComparisonRetryView.as_view(), name="comparison-retry"),
    path(f"{COMPARISON}/export", comparisons.ComparisonExportView.as_view(), name="comparison-export"),
    path(f"{COMPARISON}/conform", conform.ComparisonConformView.as_view(), name="comparison-conform"),
    path(
        f"{COMPARISON}/differences/<index:index>",
        comparisons.DifferenceReviewView.as_view(),
        name="comparison-difference",
    ),
    path(f"{COMPARISON}/share", comparisons.ComparisonShareView.as_view(), name="comparison-share"),
    path("internal/tasks", internal.build_poll_view(), name="internal-tasks"),
    path("internal/tasks/<uuid:task_id>/result", internal.TaskResultView.as_view(), name="internal-task-result"),
    path(f"internal/{VIDEO}", internal.InternalVideoView.as_view(), name="internal-video"),
    path(f"internal/{VIDEO}/transcript", internal.InternalTranscriptView.as_view(), name="internal-transcript"),
    path(f"internal/{VIDEO}/metadata", internal.InternalMetadataView.as_view(), name="internal-metadata"),
    path(f"internal/{VIDEO}/summary", internal.InternalSummaryView.as_view(), name="internal-summary"),
]
