"""A house full of browsers before a running desk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.e2e.desk import House, opened
from tests.stories.hospital import DAY, TEN


@pytest.fixture
def house(
    browser: Browser,
    live_server: LiveServer,
    browser_context_args: dict[str, Any],
    artefacts: Path,
    assert_accessible: Callable[[Page], None],
    request: pytest.FixtureRequest,
) -> Iterator[House]:
    """Three days before the visit; whatever a browser complains about or axe finds fails the test."""
    is_glance = request.config.getoption("--glance")
    with opened(
        browser,
        live_server.url,
        start=TEN - 3 * DAY,
        options=browser_context_args,
        pictures=artefacts,
        check=None if is_glance else assert_accessible,
    ) as house:
        yield house
        assert house.complaints == []
        assert house.barriers == [], "\n".join(house.barriers)
