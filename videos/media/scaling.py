"""Ways of scaling that give the same pixels on every processor.

libswscale has code of its own for each kind of processor. Without these two flags, that code rounds in its own way, and
pixels differ by one level: the same file would have another fingerprint on another machine. FFmpeg documents the flags
as `accurate_rnd` and `bitexact` (https://ffmpeg.org/ffmpeg-scaler.html). They cost no measurable time at these sizes.
"""

from av.video.reformatter import Interpolation

SWS_ACCURATE_RND = 0x40000
SWS_BITEXACT = 0x80000
_EXACT = SWS_ACCURATE_RND | SWS_BITEXACT

AREA = int(Interpolation.AREA) | _EXACT  # for smaller sizes
BICUBIC = int(Interpolation.BICUBIC) | _EXACT  # for larger sizes, and where only the pixel format changes

# The same for the `scale` filter of a filter graph.
AREA_FILTER_FLAGS = "flags=area+accurate_rnd+bitexact"
BICUBIC_FILTER_FLAGS = "flags=bicubic+accurate_rnd+bitexact"
