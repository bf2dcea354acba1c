"""List the file formats that Sage reads: FFmpeg's names, the file name extensions and the first bytes of files.

Loads no decoder.
"""

import re

FORMATS = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4 m4v mov qt f4v 3gp 3g2",
    "matroska,webm": "mkv webm",
    "avi": "avi",
    "mpegts": "ts mts m2ts m2t",
    "mpeg": "mpg mpeg mpe vob",
    "mpegvideo": "m1v m2v",
    "flv": "flv",
    "ogg": "ogv ogg",
    "asf": "wmv asf",
    "mxf": "mxf",
    "ivf": "ivf",
    "h264": "h264 264",
    "hevc": "hevc h265 265",
    "nut": "nut",
    "yuv4mpegpipe": "y4m",
    "dv": "dv",
}
EXTENSIONS = frozenset(ending for family in FORMATS.values() for ending in family.split())
SIGNATURE_BYTES = 4096  # of the start of a file, which `starts_like_a_video` needs
TS_PACKET_BYTES = (188, 192, 204)  # of MPEG transport streams: plain, with time stamps (M2TS), with error correction
TS_SYNC = 0x47
_BOXES = rb"ftyp|moov|moof|mdat|free|skip|wide|pnot|styp|sidx|uuid|udta|junk|PICT"  # of MP4 and QuickTime
_SIGNATURES = re.compile(
    rb".{4}(?:" + _BOXES + rb")"
    rb"|\x1a\x45\xdf\xa3"  # Matroska, WebM
    rb"|RIFF.{4}AVI|ON2 .{4}ON2f"
    rb"|\x00*\x00\x00\x01"  # start codes of MPEG, H.264 and HEVC
    rb"|FLV|OggS|\x30\x26\xb2\x75\x8e\x66\xcf\x11"  # the last: ASF, WMV
    rb"|DKIF|nut/multimedia container|YUV4MPEG2"
    rb"|\x1f\x07\x00",  # DV
    re.DOTALL,
)
_MXF_PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01"  # SMPTE ST 377-1; other bytes may precede it


def starts_like_a_video(head: bytes) -> bool:
    """Return whether the first `SIGNATURE_BYTES` of a file are those of a format that Sage reads."""
    return _SIGNATURES.match(head) is not None or _MXF_PARTITION in head or _is_transport_stream(head)


def _is_transport_stream(head: bytes) -> bool:
    """Return whether sync bytes repeat at the distance of packets. A recording may begin within a packet."""
    return any(
        len(head) > offset + 2 * size and all(head[offset + index * size] == TS_SYNC for index in range(3))
        for size in TS_PACKET_BYTES
        for offset in range(size)
    )
