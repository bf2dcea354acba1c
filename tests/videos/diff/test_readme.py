import re
from ast import literal_eval
from importlib import import_module
from pathlib import Path

import videos.diff

ROW = re.compile(r"^\| `([a-z_/]+)\.([A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)
README = Path(videos.diff.__file__).with_name("README.md").read_text()


def test_the_table_of_thresholds_has_the_values_of_the_code():
    rows = ROW.findall(README)
    assert len(rows) > 100
    for path, name, value in rows:
        package = "videos" if path.startswith("fingerprint/") else "videos.diff"
        actual = getattr(import_module(f"{package}.{path.replace('/', '.')}"), name)
        stated = tuple(map(int, value.split(" x "))) if " x " in value else literal_eval(value)
        assert round(actual, 4) == stated if isinstance(actual, float) else actual == stated, name
