import av
import pytest

from tests import footage

SUBTITLES = """1
00:00:00,200 --> 00:00:00,900
Hello <i>there</i>, welcome back.

2
00:00:01,100 --> 00:00:01,800
The harbour is open
again today.
"""


@pytest.fixture
def subtitled_clip(tmp_path):
    """Render two seconds of footage with an English subtitle stream."""
    subtitles, path = tmp_path / "lines.srt", tmp_path / "subtitled.mkv"
    subtitles.write_text(SUBTITLES)
    with av.open(str(path), "w") as container, av.open(str(subtitles)) as lines:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        stream = container.add_stream_from_template(lines.streams[0])
        stream.metadata["language"] = "eng"
        for packet in lines.demux():
            if packet.pts is not None:
                packet.stream = stream
                container.mux(packet)
        for frame in footage.pixels("bikes", 160, 90)[:50]:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(picture.encode())
    return path


@pytest.fixture
def spoken_clip(tmp_path):
    """Render footage in which a person says “How do we define it?” from second 1 on."""
    return footage.spoken(tmp_path / "spoken.mp4")


@pytest.fixture
def run_jobs():
    """Return a function that runs all open jobs of a video, with those that they start."""
    from sage.jobs import worker
    from videos.models import Job

    def run(video):
        while job := Job.objects.of(video).open().first():
            worker.run(Job, job.pk)
        video.refresh_from_db()
        return video

    return run
