"""Define the search kind of outputs."""

from accounts.viewer import Viewer
from chat.outputs.models import Output, OutputQuerySet
from videos.search.filters import SearchFilters
from videos.search.registry import SearchKind, SearchRecord


def _list_outputs(viewer: Viewer, filters: SearchFilters) -> OutputQuerySet:
    rows = Output.objects.owned_by(viewer).filter(filters.match_dates("created_at")).exclude(content="")
    if filters.video_id or filters.collection_id:
        rows = rows.filter(video__in=filters.list_videos(viewer).values("pk"))
    return rows.with_subjects().order_by()


def _describe_output(output: Output) -> SearchRecord:
    return SearchRecord(
        video_id=output.video.video_id if output.video else None,
        title=output.title,
        text=output.excerpt if output.is_json else output.content,
        url=output.get_absolute_url(),
    )


KIND = SearchKind(
    name="output",
    label="Output",
    order=70,
    list_rows=_list_outputs,
    describe=_describe_output,
    text_field="content",
    vector_field="vector",
    model_field="vector_model",
)
