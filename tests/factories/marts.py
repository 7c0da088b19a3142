"""A mart that was built once: its rows kept like any others, its files laid into the folder of this test."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from tests.factories.kept import kept

Made = TypeVar("Made")


def with_mart(build: Callable[[], Made], *key: Hashable) -> Made:
    """Return what `build` returns; the mart that it built lies in VAR_DIR."""
    folder = Path(settings.VAR_DIR) / "mart"

    def built() -> tuple[Made, dict[str, bytes]]:
        made = build()
        files = [path for path in folder.rglob("*") if path.is_file()]
        return made, {str(path.relative_to(folder)): path.read_bytes() for path in files}

    made, files = kept(built, with_mart, *key)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return made
