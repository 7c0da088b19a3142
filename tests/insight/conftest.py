"""A small rehearsal hospital with its mart, built once for all tests that read it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from yimei.insight.gateways import reader
from yimei.insight.gateways.store import Store
from yimei.insight.queries import figures, told
from yimei.rehearsal.bench.dashboards import fill


@pytest.fixture
def own_mart(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A mart folder of this test's own."""
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    yield tmp_path / "mart"
    reader.forget()
    figures.forget()


@pytest.fixture(scope="module")
def made_up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a mart of as many made-up visits as the module says (``VISITS``)."""
    folder = tmp_path_factory.mktemp("made-up")
    fill(Store(folder / "mart"), request.module.VISITS)
    return folder


@pytest.fixture
def made_up_mart(made_up: Path, settings: Any) -> Iterator[None]:
    """The module's mart, and nothing remembered of what was told of it."""
    settings.VAR_DIR = made_up
    yield
    reader.forget()
    figures.forget()
    told.forget()


@pytest.fixture
def evening() -> datetime:
    return datetime.fromisoformat("2026-06-16T16:30:00+08:00")
