"""Videos and the work on them, for operators."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from videos import jobs
from videos.models import Comparison, Job, Upload, Video


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin):
    list_display = ["title", "owner", "status", "duration", "width", "height", "size", "created_at", "deleted_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["title", "filename", "id", "owner__email"]
    list_select_related = ["owner"]
    readonly_fields = ["id", "storage_key", "created_at", "updated_at"]
    raw_id_fields = ["owner"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        return Video.everything.all()


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
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
    readonly_fields = ["id", "lease", "created_at", "started_at", "completed_at"]
    raw_id_fields = ["video", "comparison", "after"]
    actions = ["nudge"]

    @admin.action(description="Nudge the workers")
    def nudge(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            jobs.nudge(job)


@admin.register(Comparison)
class ComparisonAdmin(admin.ModelAdmin):
    list_display = ["id", "owner", "video_a", "video_b", "status", "seconds_taken", "created_at"]
    list_filter = ["created_at", "job__status"]
    search_fields = ["id", "owner__email", "video_a__title", "video_b__title"]
    list_select_related = ["owner", "video_a", "video_b", "job"]
    readonly_fields = ["id", "script", "seconds_taken", "created_at", "updated_at"]
    raw_id_fields = ["owner", "video_a", "video_b"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        return Comparison.everything.all()
