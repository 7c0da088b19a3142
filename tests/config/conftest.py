"""A database built once for all tests that start the program in processes of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
YIMEI = [sys.executable, "-m", "yimei.config"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    return {**kept, "YIMEI_VAR_DIR": str(folder / "var"), "PYTHONPATH": str(ROOT / "src")}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database is ready, made once."""
    folder = tmp_path_factory.mktemp("migrated")
    subprocess.run([*YIMEI, "migrate", "--verbosity=0"], env=environment(folder), check=True)
    return folder / "var"
