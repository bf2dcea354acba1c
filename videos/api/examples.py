"""Examples of the API schema: one upload, one video and one comparison."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

FIRST, SECOND = "6a1c2f0e-5d5b-4c8e-9b8f-0f2d6f1a7c31", "b7f4de27-4f0f-4a55-8a4e-6f8a2f9f0c52"
BEFORE, AFTER = "2026-03-02T09:30:00Z", "2026-03-02T09:31:10Z"
PART = {"part_number": 1, "etag": "9e107d9d372bb6826bd81d3542a419d6"}

UPLOAD_BODY = {
    "filename": "Autumn spot, first cut.mp4",
    "size": 24117248,
    "content_type": "video/mp4",
    "duration": 62.5,
}
UPLOAD = {"upload_id": FIRST, "part_size": 10485760, "part_count": 3, "expires_at": "2026-03-04T09:30:00Z"}
COMPLETE_BODY = {"parts": [PART, {"part_number": 2, "etag": "e4d909c290d0fb1ca068ffaddf22cbd0"}]}
PARTS = {"parts": [{**PART, "size": 10485760}]}
PART_URL = {
    "url": f"https://sage.example/v2/uploads/{FIRST}/parts/1?signature=WyI2YTFj",
    "method": "PUT",
    "headers": {},
    "expires_at": "2026-03-02T10:30:00Z",
}
JOB = {
    "kind": "ingest",
    "status": "completed",
    "progress": 1.0,
    "attempts": 1,
    "error": None,
    "started_at": BEFORE,
    "completed_at": AFTER,
}
VIDEO = {
    "id": FIRST,
    "video_id": FIRST,
    "source": "upload",
    "title": "Autumn spot, first cut",
    "filename": "Autumn spot, first cut.mp4",
    "size": 24117248,
    "content_type": "video/mp4",
    "duration": 62.48,
    "metadata": {"width": 1920, "height": 1080, "video_codec": "h264", "frame_rate": 25.0},
    "transcript_available": True,
    "summary": "A narrated spot about a valley before the leaves turn.",
    "suggested_questions": ["What is said about the harbour?"],
    "status": "ready",
    "collection_id": None,
    "version": {"stack_id": SECOND, "number": 1},
    "jobs": [JOB],
    "created_at": BEFORE,
    "updated_at": AFTER,
}
YOUTUBE_BODY = {"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}
SEARCH_PAGE = {
    "results": [
        {
            "kind": "transcript",
            "video_id": FIRST,
            "title": "Street interview, camera 2",
            "start": 271.2,
            "end": 276.8,
            "text": "Mornings are the only hour when the bridge belongs to us.",
            "marks": [[0, 8], [36, 42]],
            "score": 0.032787,
        }
    ],
    "total": 1,
    "page": 1,
    "per_page": 10,
    "total_pages": 1,
}
SIMILAR = {
    "videos": [{"video_id": SECOND, "title": "Autumn spot, second cut", "score": 0.94}],
    "moments": [{"video_id": SECOND, "title": "Autumn spot, second cut", "start": 12.0, "end": 14.0, "score": 0.97}],
}
COLLECTION = {"id": SECOND, "name": "Autumn", "video_count": 2, "created_at": BEFORE}
EQUAL = {
    "op": "equal",
    "a": [0.0, 12.0],
    "b": [0.0, 12.0],
    "distance": 0.02,
    "severity": None,
    "kind": None,
    "confidence": None,
    "review": None,
    "note_count": 0,
    "regions": [],
}
LOGO = {"x": 0.8, "y": 0.05, "width": 0.15, "height": 0.1}
CHANGED = {"op": "changed", "a": [12.0, 15.0], "b": [12.0, 15.0], "distance": 0.31, "severity": "high"}
ADDED = {"kind": "text_or_logo_added", "confidence": 0.93}
COMPARISON = {
    "id": SECOND,
    "status": "completed",
    "progress": 1.0,
    "error": None,
    "video_a": {"video_id": FIRST, "title": "Autumn spot, first cut", "duration": 15.0},
    "video_b": {"video_id": SECOND, "title": "Autumn spot, second cut", "duration": 15.0},
    "mode": "aligned",
    "transforms": [{"kind": "recolour", "value": "grey"}, {"kind": "speed", "value": 1.1}],
    "metric": None,
    "threshold_used": 0.1,
    "embedding_model": None,
    "similarity_percent": 80.0,
    "total_segments": 2,
    "differing_segments": 1,
    "segments": [EQUAL, {**CHANGED, **ADDED, "review": "to_fix", "note_count": 2, "regions": [LOGO]}],
    "words": {
        "segments": [
            {"op": "changed", "a": [3.2, 3.6], "b": [3.2, 3.7], "text_a": "Tuesday", "text_b": "next Thursday"},
        ],
        "screen_text": [
            {
                "op": "changed",
                "a": [12.1, 14.9],
                "b": [12.1, 14.9],
                "text_a": "Open from 6:00",
                "text_b": "Open from 7:00",
                "box": {"x": 0.08, "y": 0.78, "width": 0.31, "height": 0.07},
            },
        ],
    },
    "facts": [{"name": "resolution", "a": "1280 × 720", "b": "1920 × 1080"}],
}
CUE = {"text": "Welcome back to the harbour.", "offset": 0.4, "duration": 2.1}
CHAPTER = {"start": 65.0, "title": "Interview"}
METADATA = {
    "title": "A film about the harbour",
    "uploader": "Harbour films",
    "duration": 62,
    "upload_date": "20240506",
    "view_count": 1234,
    "like_count": 56,
    "channel_url": "https://www.youtube.com/@harbour",
    "description": "Boats leave the harbour.",
    "thumbnail": "https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg",
}
TASK = {
    "task_id": SECOND,
    "task_type": "transcript",
    "task_details": {"video_id": "dQw4w9WgXcQ"},
    "retry_count": 0,
    "message": "Fetch the captions of this video.",
}
TASK_RESULT = {"video_id": "dQw4w9WgXcQ", "success": True, "transcript": [CUE]}
SHARE = {"url": "https://sage.example/s/q3T8vQ", "expires_at": "2026-03-09T09:30:00Z", "allow_comments": True}


def request_example(name: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, request_only=True)]


def response_example(name: str, value: dict[str, Any]) -> list[OpenApiExample]:
    return [OpenApiExample(name, value, response_only=True)]
