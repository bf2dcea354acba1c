import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sage.management.commands import vendor


def test_vendored_files_are_the_ones_in_the_manifest():
    call_command("vendor", "--check")


def test_a_changed_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = shutil.copytree(vendor.FOLDER, tmp_path / "vendor")
    (folder / "htmx.min.js").write_text("something else")
    monkeypatch.setattr(vendor, "FOLDER", folder)

    with pytest.raises(CommandError, match=r"htmx\.min\.js"):
        call_command("vendor", "--check")
