"""Fixtures with a comparison of Alice, its notes and its share link."""

import pytest


@pytest.fixture
def comparison(alice):
    """Create a comparison whose segments are: equal 0–4 s, inserted 4–6 s of B, equal, and deleted 8–9 s of A."""
    from tests.videos.passage_rows import create_video
    from videos.models import Comparison, Job

    a, b = create_video(alice, "First cut"), create_video(alice, "Second cut")
    for video, duration in ((a, 9.0), (b, 10.0)):
        video.duration = duration
        video.save()
    rows = [
        ("equal", [0.0, 4.0], [0.0, 4.0]),
        ("inserted", None, [4.0, 6.0]),
        ("equal", [4.0, 8.0], [6.0, 10.0]),
        ("deleted", [8.0, 9.0], None),
    ]
    segments = [
        {"op": op, "a": a, "b": b, "distance": 0.0 if op == "equal" else None, "severity": None, "regions": []}
        for op, a, b in rows
    ]
    facts = {"transforms": [], "threshold": 0.1, "similarity_percent": 80.0, "total_segments": 4}
    script = {"duration_a": 9.0, "duration_b": 10.0, **facts, "differing_segments": 2, "segments": segments}
    created = Comparison.objects.create(owner=alice, video_a=a, video_b=b, script=script)
    Job.objects.create(comparison=created, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    return created


@pytest.fixture
def take_note(alice, comparison):
    """Return a function that takes a note of Alice on one side of the comparison."""
    from accounts.viewer import Viewer
    from notes import writing

    def take(side="b", seconds=5.0, text="Too early.", **content):
        video = comparison.video_a if side == "a" else comparison.video_b
        new = writing.NewNote(seconds=seconds, text=text, comparison_id=comparison.pk, side=side, **content)
        return writing.create_note(Viewer(alice), video, new)

    return take


@pytest.fixture
def share(comparison):
    """Create a link whose visitors may comment."""
    from videos.comparisons import sharing

    return sharing.share_comparison(comparison, allow_comments=True)


@pytest.fixture
def token(share):
    """Return the token of the link."""
    from videos.comparisons import sharing

    return sharing.build_share_path(share).rpartition("/")[2]
