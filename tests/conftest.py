"""What every test may ask for."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytest_django.live_server_helper import LiveServer

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # how fast an example is made on shared cores says nothing of the program
gc.disable()  # while everything is read (`pytest_collection_finish`)
ROOT = Path(__file__).resolve().parents[1]
ARTEFACTS = ROOT / "var" / "test-artefacts"
SLOW_SECONDS = 1.0
TOO_SLOW_SECONDS = 20.0
"""Fails the run in CI; the margin is for a busy machine, where a test of one second may take many."""

BROWSER_PATIENCE = 20_000
"""Milliseconds."""
AS_APPLICATION = {"desk", "portal", "api", "stories"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_reset_sequences", "admin_client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--glance",
        action="store_true",
        help="walk the stories of browsers without pictures, widths and axe (`House.look`)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database and what drives a browser, so that each can run alone; longest first."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("database")
        if "page" in fixtures or "e2e" in item.path.parts:
            item.add_marker("e2e")
            if "e2e" not in item.path.parts and not item.path.stem.endswith("_browser"):
                raise pytest.UsageError(f"a browser is driven in test_*_browser.py, not in {item.path}")
        for mark in (item.get_closest_marker("slow"), item.get_closest_marker("long")):
            if mark and not mark.kwargs.get("reason"):
                raise pytest.UsageError(f"{item.nodeid} is {mark.name}, but does not say why")
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def pytest_collection_finish() -> None:
    """What is loaded stays; looking through it for cycles over and over took a fifth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    from tests.factories import kept

    kept.begin(item)


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning, 10:00 in Shanghai."""
    return datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep keys, files and mail of a test run away from the data of this checkout."""
    from django.test.utils import override_settings

    from tests.factories import kept

    folder = tmp_path_factory.mktemp("var")
    names = {"FILES_DIR": "files", "KEYS_DIR": "keys", "MAIL_DIR": "mail"}
    paths = {name: folder / part for name, part in names.items()}
    paths |= {"VAR_DIR": folder, "EMAIL_FILE_PATH": str(paths["MAIL_DIR"])}
    paths |= {"WHITENOISE_AUTOREFRESH": True}  # no test client reads all static files first
    with override_settings(**paths):
        kept.begin_all()
        yield folder


@pytest.fixture(autouse=True)
def blind_index_key() -> None:
    """A running hospital reads this key once; what is rolled back at its end would read it for each word."""
    from django.conf import settings

    from yimei.vault import ciphers, keys

    algorithm = settings.VAULT_ALGORITHM
    keys._system.setdefault("blind-index", (algorithm, bytes(ciphers.KEY_SIZE[algorithm])))


class Undefined(str):
    """What a template shows for a name it was not given: in tests, nothing but an error."""

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"the template uses {name!s}, which nobody gave it")


@pytest.fixture(scope="session", autouse=True)
def undefined_variables_fail() -> None:
    from django.template import engines

    engines["django"].engine.string_if_invalid = Undefined("%s")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Under PostgreSQL the owner makes, empties and drops the test database."""
    from yimei.config.ownership import as_owner

    with as_owner():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Nobody holds the test database when it is thrown away."""
    from tests.factories import crowd

    yield
    crowd.disperse()


@pytest.fixture(autouse=True)
def as_application(request: pytest.FixtureRequest) -> None:
    """Under PostgreSQL whole flows and screens run as the application's role, which owns nothing."""
    if "database" not in request.keywords or not AS_APPLICATION & set(request.node.path.parts):
        return
    request.getfixturevalue("db")
    from django.db import connection

    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE yimei_app")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium: no browser is downloaded. Its headless shell, where there is one, is the same
    engine without the windows that nobody sees, for three quarters of the work.

    It has a camera that films nothing: one browser serves all tests of a process, whichever comes first.
    What is expected may take as long as two busy cores need.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=BROWSER_PATIENCE)
    camera = "--use-fake-device-for-media-stream=fps=5 --use-fake-ui-for-media-stream"
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return {
        **browser_type_launch_args,
        "executable_path": next(filter(None, map(shutil.which, names)), None),
        "args": [*quiet.split(), "--disable-component-update", "--disable-sync", *camera.split()],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def live_server(live_server: LiveServer) -> LiveServer:
    """Let browsers keep the files that no test changes; each page would ask for forty of them again."""
    handler = live_server.thread.httpd.get_app()
    serve = handler.serve

    def kept(request: Any) -> Any:
        response = serve(request)
        response.headers["Cache-Control"] = "max-age=315360000, immutable"
        return response

    handler.serve = kept
    return live_server


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """A folder for the screenshots of one test; CI keeps it."""
    folder = ARTEFACTS / request.node.path.stem
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def assert_accessible() -> Callable[..., None]:
    """Fail with every axe finding of the page (WCAG 2.2 AA)."""
    from axe_playwright_python.base import AXE_SCRIPT

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {
        "runOnly": {"type": "tag", "values": tags},
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},  # style sheets are read anew only for a rule that no tag here has
    }

    def check(page: Any) -> None:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
        report = [
            f"{rule['id']}: {rule['help']}\n    {node['html'][:200]}"
            for rule in found
            for node in rule["nodes"][:5]
        ]
        assert not report, "\n".join([page.url, *report])

    return check


def pytest_terminal_summary(terminalreporter: Any) -> None:
    slow = _slow_without_reason(terminalreporter, SLOW_SECONDS)
    if slow:
        terminalreporter.section(f"over {SLOW_SECONDS:g} s without @pytest.mark.slow(reason=…)")
        for seconds, name in sorted(slow, reverse=True):
            terminalreporter.line(f"{seconds:6.2f} s  {name}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a slow test without a reason fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        os.environ.get("CI")
        and exitstatus == 0
        and reporter
        and _slow_without_reason(reporter, TOO_SLOW_SECONDS)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _slow_without_reason(reporter: Any, seconds: float) -> list[tuple[float, str]]:
    return [
        (report.duration, report.nodeid)
        for report in reporter.stats.get("passed", [])
        if report.when == "call" and report.duration > seconds
        if not {"slow", "long", "e2e"} & set(report.keywords)
    ]
