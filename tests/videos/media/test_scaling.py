import hashlib
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests import footage

# Runs in a process of its own, because the flags hold for all of FFmpeg from then on.
RUN = """
import ctypes, sys
from pathlib import Path

import av

if sys.argv[1] == "plain":
    library, = (Path(av.__file__).parent.parent / "av.libs").glob("libavutil-*")
    ctypes.CDLL(str(library)).av_force_cpu_flags(0)

from tests import footage
from videos.fingerprint.decode_pass import run_decode_pass

folder = Path(sys.argv[2])
run_decode_pass(sys.argv[3], str(folder), lambda share: None)
(folder / "footage").write_bytes(footage.pixels("bikes").tobytes())
"""


@pytest.fixture(scope="module")
def both_folders(tmp_path_factory) -> tuple[Path, Path]:
    """Return what was written with the processor's special instructions, and what was written without them."""
    if not list((Path(av.__file__).parent.parent / "av.libs").glob("libavutil-*")):
        pytest.fail("this build of PyAV brings no libavutil, so the instructions cannot be switched off")
    folders = []
    for how in ("special", "plain"):
        folder = tmp_path_factory.mktemp(how)
        subprocess.run([sys.executable, "-c", RUN, how, str(folder), str(footage.real("bikes"))], check=True)
        folders.append(folder)
    return folders[0], folders[1]


@pytest.mark.parametrize("name", ["fingerprint.bin", "poster.jpg", "sprite-000.jpg", "still-00003.jpg", "footage"])
def test_files_are_the_same_without_the_special_instructions_of_a_processor(name, both_folders):
    special, plain = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in both_folders)
    assert special == plain
