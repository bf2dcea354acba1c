"""Fixtures with uploads."""

import pytest


@pytest.fixture
def upload_in_parts(alice, monkeypatch):
    """Start an upload of ten bytes in parts of four."""
    from accounts.viewer import Viewer
    from tests.videos.uploads.parts import start_upload
    from videos.uploads import transfer

    monkeypatch.setattr(transfer, "PART_SIZE", 4)
    return start_upload(Viewer(alice), "clip.mp4", 10, "video/mp4")
