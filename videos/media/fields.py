"""One moment of an interlaced frame, which weaves two of them together line by line."""

from fractions import Fraction

from av.filter import Graph
from av.video.frame import VideoFrame


class FirstField:
    """Takes the field that was shot first out of the frames of one stream that say they are interlaced.

    The field is half as high. Frames that show one moment alone pass as they are, and so do those that nobody marked.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def of(self, frame: VideoFrame) -> VideoFrame:
        if not frame.interlaced_frame:
            return frame
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is None or self._made_for != kind:
            self._graph, self._made_for = _graph(frame), kind
        self._graph.vpush(frame)
        return self._graph.vpull()


def _graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 25)
    )
    upper_first, upper, sink = (
        graph.add(name, how) for name, how in (("fieldorder", "tff"), ("field", "top"), ("buffersink", None))
    )
    graph.link_nodes(source, upper_first, upper, sink).configure()
    return graph
