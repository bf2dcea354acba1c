"""Videos and the work on them, for operators."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from videos import cleaning, jobs
from videos.models import Collection, Comparison, Embedding, Job, Notice, Share, Stack, Upload, Video


class WithFiles(admin.ModelAdmin):
    """Deleting a row here takes its files along."""

    remove: Callable[[Any], None]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            type(self).remove(obj)


@admin.register(Video)
class VideoAdmin(WithFiles):
    remove = staticmethod(cleaning.purge)
    list_display = ["title", "owner", "status", "duration", "width", "height", "size", "created_at", "deleted_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["title", "filename", "id", "owner__email"]
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
    readonly_fields = [
        "id",
        "filename",
        "status",
        "error",
        "metadata",
        "created_at",
        "updated_at",
        "deleted_at",
    ]  # workers write these
    raw_id_fields = ["owner"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        return Video.everything.all()


@admin.register(Upload)
class UploadAdmin(WithFiles):
    remove = staticmethod(cleaning.forget)
    list_display = ["filename", "owner", "size", "created_at", "expires_at", "video"]
    list_filter = ["created_at"]
    search_fields = ["filename", "id", "owner__email"]
    list_select_related = ["owner", "video"]
    readonly_fields = ["id", "storage_key", "created_at"]
    raw_id_fields = ["owner", "video"]


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
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
    list_select_related = ["video", "comparison__video_a", "comparison__video_b"]
    raw_id_fields = ["video", "comparison", "after"]
    actions = ["nudge"]

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Workers alone write these rows; an operator looks, nudges and deletes."""
        return obj is None and super().has_change_permission(request)

    @admin.action(description="Nudge the workers")
    def nudge(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            jobs.nudge(job)


@admin.register(Comparison)
class ComparisonAdmin(WithFiles):
    remove = staticmethod(cleaning.purge_comparison)
    list_display = ["id", "owner", "video_a", "video_b", "mode", "status", "seconds_taken", "created_at", "deleted_at"]
    list_filter = ["created_at", "mode", "job__status"]
    search_fields = ["id", "owner__email", "video_a__title", "video_b__title"]
    list_select_related = ["owner", "video_a", "video_b", "job"]
    readonly_fields = ["id", "embedding_model", "script", "seconds_taken", "created_at", "updated_at"]
    raw_id_fields = ["owner", "video_a", "video_b"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        return Comparison.everything.all()


@admin.register(Embedding)
class EmbeddingAdmin(admin.ModelAdmin):
    list_display = ["id", "video", "model", "dimensions", "scope", "start", "end"]
    list_filter = ["model", "scope"]
    search_fields = ["video__title", "video__id", "model"]
    list_select_related = ["video"]
    fields = ["video", "model", "dimensions", "scope", "start", "end"]

    def has_change_permission(self, request: HttpRequest, obj: Embedding | None = None) -> bool:
        """Workers alone write these rows."""
        return obj is None and super().has_change_permission(request)


@admin.register(Share)
class ShareAdmin(admin.ModelAdmin):
    list_display = ["id", "comparison", "created_at", "expires_at", "revoked_at", "opens", "last_opened_at"]
    list_filter = ["created_at", "expires_at", "revoked_at"]
    search_fields = ["id", "comparison__id", "comparison__owner__email", "comparison__video_a__title"]
    list_select_related = ["comparison__video_a", "comparison__video_b"]
    readonly_fields = ["id", "created_at", "opens", "last_opened_at"]
    raw_id_fields = ["comparison"]


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ["__str__", "owner", "ended", "created_at", "read_at"]
    list_filter = ["ended", "created_at"]
    search_fields = ["id", "owner__email", "video__title", "comparison__video_a__title", "comparison__video_b__title"]
    list_select_related = ["owner", "video", "comparison__video_a", "comparison__video_b"]
    readonly_fields = ["id", "created_at"]
    raw_id_fields = ["owner", "video", "comparison"]


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ["name", "owner", "created_at"]
    list_filter = ["created_at"]
    search_fields = ["name", "id", "owner__email"]
    list_select_related = ["owner"]
    readonly_fields = ["id", "created_at"]
    raw_id_fields = ["owner"]


@admin.register(Stack)
class StackAdmin(admin.ModelAdmin):
    """The versions of one film are seen on the videos themselves."""

    list_display = ["id", "created_at"]
    search_fields = ["id", "videos__title"]
    readonly_fields = ["id", "created_at"]
