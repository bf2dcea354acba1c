"""A cache of the results of real jobs, created once per test process and restored for each test."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sage.storage import storage
from videos.models import Comparison, Embedding, Job, Notice, Video

MODELS = (Video, Embedding, Comparison, Job, Notice)


class ResultCache:
    """Rows and files by name. Rows keep their primary keys, so that the keys of files stay valid."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[Any]] = {}

    def restore(self, name: str, owner: Any, make: Callable[[], None]) -> None:
        """Call `make` the first time. Later, restore what it created, with `owner` as the owner of the rows."""
        if name not in self.rows:
            before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in MODELS}
            make()
            self.rows[name] = [
                row for model in MODELS for row in model._base_manager.all() if row.pk not in before[model]
            ]
            shutil.copytree(storage.root, self.folder / name)
            return
        shutil.copytree(self.folder / name, storage.root, dirs_exist_ok=True)
        for row in copy.deepcopy(self.rows[name]):
            if hasattr(row, "owner_id"):
                row.owner = owner
            row.save(force_insert=True)
