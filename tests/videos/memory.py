"""What real jobs left behind, made once for all tests of a process, and put back for each that asks for it again."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sage.storage import storage
from videos.models import Comparison, Embedding, Job, Notice, Video

MODELS = (Video, Embedding, Comparison, Job, Notice)


class Memory:
    """Rows and files, by name. Rows keep their identities, so files keep their places."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[Any]] = {}

    def recall(self, name: str, owner: Any, make: Callable[[], None]) -> None:
        """Do what `make` does, or put back what it did the first time, now as `owner`'s."""
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
