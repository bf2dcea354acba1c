"""The kinds of file that Sage reads: FFmpeg's names of them, and how the names of such files end. Loads no decoder."""

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
ENDINGS = frozenset(ending for family in FORMATS.values() for ending in family.split())
