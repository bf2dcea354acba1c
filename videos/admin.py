"""Register the models of videos in the admin. Operators may view and delete rows, but not add them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sage.admin import DeleteOnlyAdmin, ReadOnlyAdmin
from sage.jobs import queue
from videos.library import purge
from videos.models import (
    Chapter,
    Collection,
    Comparison,
    Cue,
    DifferenceReview,
    Embedding,
    Job,
    LibraryEntry,
    Notice,
    Passage,
    ScreenText,
    Share,
    Stack,
    Transcript,
    Upload,
    Video,
)


class FileBackedAdmin(DeleteOnlyAdmin):
    """An admin page that deletes the files and the results of a row together with the row."""

    remove: Callable[[Any], None]

    def get_deleted_objects(
        self, objs: QuerySet[Any] | Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List only the selected rows. Related rows are deleted too, which operators cannot delete separately."""
        names = [str(obj) for obj in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            type(self).remove(obj)


@admin.register(Video)
class VideoAdmin(FileBackedAdmin):
    remove = staticmethod(purge.purge_video)
    list_display = [
        "title",
        "owner",
        "source",
        "status",
        "duration",
        "width",
        "height",
        "size",
        "created_at",
        "deleted_at",
    ]
    list_filter = ["source", "status", "created_at"]
    search_fields = ["title", "filename", "id", "youtube_id", "owner__email"]
    list_select_related = ["owner"]
    fields = [
        "id",
        "title",
        "owner",
        "filename",
        "status",
        "error",
        "metadata",
        "created_at",
        "updated_at",
        "deleted_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        return Video.all_objects.all()


@admin.register(Upload)
class UploadAdmin(FileBackedAdmin):
    remove = staticmethod(purge.purge_upload)
    list_display = ["filename", "owner", "size", "created_at", "expires_at", "video"]
    list_filter = ["created_at"]
    search_fields = ["filename", "id", "owner__email"]
    list_select_related = ["owner", "video"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs are deleted only with their video or comparison, whose processing could not be completed without them."""

    list_display = [
        "id",
        "kind",
        "video",
        "comparison",
        "status",
        "progress",
        "attempts",
        "created_at",
        "completed_at",
        "error",
    ]
    list_filter = ["kind", "status", "created_at"]
    search_fields = ["id", "video__title", "video__owner__email", "comparison__id", "error"]
    actions = ["wake_workers"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows = super().get_queryset(request).select_related("video", "comparison__video_a", "comparison__video_b")
        return rows.defer("comparison__script")

    @admin.action(description="Wake workers for the selected jobs")
    def wake_workers(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            queue.wake_workers(job)


@admin.register(Comparison)
class ComparisonAdmin(FileBackedAdmin):
    remove = staticmethod(purge.purge_comparison)
    list_display = ["id", "owner", "video_a", "video_b", "mode", "status", "seconds_taken", "created_at", "deleted_at"]
    list_filter = ["created_at", "mode", "job__status"]
    search_fields = ["id", "owner__email", "video_a__title", "video_b__title"]
    list_select_related = ["owner", "video_a", "video_b", "job"]
    fields = [
        "id",
        "owner",
        "video_a",
        "video_b",
        "mode",
        "metric",
        "threshold",
        "embedding_model",
        "status",
        "seconds_taken",
        "created_at",
        "updated_at",
        "deleted_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        return Comparison.all_objects.defer("script")


@admin.register(Embedding)
class EmbeddingAdmin(ReadOnlyAdmin):
    list_display = ["id", "video", "model", "dimensions", "scope", "start", "end"]
    list_filter = ["model", "scope"]
    search_fields = ["video__title", "video__id", "model"]
    list_select_related = ["video"]
    fields = ["video", "model", "dimensions", "scope", "start", "end"]


@admin.register(Share)
class ShareAdmin(DeleteOnlyAdmin):
    """Deleting a share disables its link."""

    list_display = ["id", "comparison", "created_at", "expires_at", "revoked_at", "opens", "last_opened_at"]
    list_filter = ["created_at", "expires_at", "revoked_at"]
    search_fields = ["id", "comparison__id", "comparison__owner__email", "comparison__video_a__title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        rows = super().get_queryset(request).select_related("comparison__video_a", "comparison__video_b")
        return rows.defer("comparison__script")


@admin.register(Notice)
class NoticeAdmin(DeleteOnlyAdmin):
    list_display = ["__str__", "owner", "ended", "created_at", "read_at"]
    list_filter = ["ended", "created_at"]
    search_fields = ["id", "owner__email", "video__title", "comparison__video_a__title", "comparison__video_b__title"]
    list_select_related = ["owner"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return Notice.objects.with_subjects()


@admin.register(Collection)
class CollectionAdmin(DeleteOnlyAdmin):
    list_display = ["name", "owner", "created_at"]
    list_filter = ["created_at"]
    search_fields = ["name", "id", "owner__email"]
    list_select_related = ["owner"]


@admin.register(LibraryEntry)
class LibraryEntryAdmin(FileBackedAdmin):
    """Deleting an entry deletes the transcripts and chapters that its user stored for the YouTube video."""

    remove = staticmethod(purge.purge_entry)
    list_display = ["__str__", "user", "collection", "created_at", "deleted_at"]
    list_filter = ["created_at"]
    search_fields = ["id", "title", "user__email", "video__title", "video__youtube_id"]
    list_select_related = ["user", "video", "collection"]


@admin.register(Stack)
class StackAdmin(DeleteOnlyAdmin):
    """A stack groups the versions of one video."""

    list_display = ["id", "created_at"]
    search_fields = ["id", "videos__title"]


@admin.register(Transcript)
class TranscriptAdmin(ReadOnlyAdmin):
    list_display = ["video", "source", "language", "model", "edited", "created_at"]
    list_filter = ["source", "language", "created_at"]
    search_fields = ["video__title", "video__id"]
    list_select_related = ["video"]


@admin.register(Cue)
class CueAdmin(ReadOnlyAdmin):
    list_display = ["transcript", "start", "end", "text"]
    search_fields = ["text", "transcript__video__title"]
    list_select_related = ["transcript__video"]


@admin.register(Passage)
class PassageAdmin(ReadOnlyAdmin):
    list_display = ["video", "start", "end", "text", "model"]
    list_filter = ["model"]
    search_fields = ["text", "video__title"]
    list_select_related = ["video"]
    exclude = ["vector", "search"]


@admin.register(Chapter)
class ChapterAdmin(ReadOnlyAdmin):
    list_display = ["video", "start", "title", "is_generated"]
    list_filter = ["is_generated"]
    search_fields = ["title", "video__title"]
    list_select_related = ["video"]


@admin.register(ScreenText)
class ScreenTextAdmin(ReadOnlyAdmin):
    list_display = ["video", "start", "end", "text", "confidence"]
    search_fields = ["text", "video__title"]
    list_select_related = ["video"]
    exclude = ["search"]


@admin.register(DifferenceReview)
class DifferenceReviewAdmin(ReadOnlyAdmin):
    list_display = ["comparison_id", "review", "updated_at"]
    list_filter = ["review"]
    search_fields = ["comparison__id"]
