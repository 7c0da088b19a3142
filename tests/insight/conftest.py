"""A small rehearsal hospital with its mart, built once for all tests that read it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from yimei.insight.gateways import reader
from yimei.insight.queries import figures


@pytest.fixture
def own_mart(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A mart folder of this test's own."""
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    yield tmp_path / "mart"
    reader.forget()
    figures.forget()


@pytest.fixture
def evening() -> datetime:
    return datetime.fromisoformat("2026-06-16T16:30:00+08:00")
