"""`yimei test`: everything a contributor must pass, in one command, with a summary at the end."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]
ARTEFACTS = ROOT / "var" / "test-artefacts"
STAGES = ("lint", "unit", "db", "e2e")
IN_CI = ("long", "coverage", "pg")
"""What CI adds to what everybody runs: the tests of whole hospitals and the like, lines counted, and the
database part a second time, on PostgreSQL.
"""
APART = ("spark",)
"""Stages that run only when they are named: they need half a gigabyte and Java beside the locked packages."""
BOTH_CORES = ("-n", "2", "--dist", "worksteal")
IN_BROWSERS = ("tests/e2e", "tests/**/test_*_browser.py")
"""Where tests that drive a browser lie (`tests/conftest.py` sees to it): no other file is read for them."""
PYTHON = sys.executable
LINT = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import-linter": [str(Path(PYTHON).with_name("lint-imports")), "--no-cache"],
    "migrations": [PYTHON, "-m", "yimei.config", "makemigrations", "--check", "--dry-run"],
}
QUICK = "not e2e and not long"
FLOWS = ("tests/stories", "tests/desk", "tests/portal")
COVERAGE_FLOOR = 70
"""Per cent of the program that whole ways through screens must reach. Counting lines takes as long again as
running them: the tests of single rooms are not counted, and only CI counts, or who asks for ``coverage``.
"""


@dataclass
class Tally:
    """What one pytest run counted."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @classmethod
    def read(cls, report: Path) -> "Tally":
        """Read a JUnit file; a run that died before writing one counts as one failure."""
        try:
            suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
        except (FileNotFoundError, ElementTree.ParseError):
            return cls(failed=1)

        def total(name: str) -> int:
            return sum(int(suite.get(name, 0)) for suite in suites)

        failed, skipped = total("failures") + total("errors"), total("skipped")
        return cls(passed=max(total("tests") - failed - skipped, 0), failed=failed, skipped=skipped)


@dataclass
class Result:
    title: str
    seconds: float
    ok: bool
    tally: Tally = field(default_factory=Tally)
    said: str = ""
    """What it printed, when that was kept for the end."""


Run = Callable[[str, Sequence[str]], Result]
"""How a command is run: title, command → what came of it."""


def run_checks(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="yimei test",
        description="运行贡献者必须通过的检查 / run what a contributor must pass",
    )
    parser.add_argument("stages", nargs="*", metavar="|".join([*STAGES, *IN_CI, *APART, "all"]))
    chosen = parser.parse_args(arguments).stages
    if unknown := set(chosen) - {*STAGES, *IN_CI, *APART, "all"}:
        parser.error(f"没有这一步 / no such stage: {' '.join(sorted(unknown))}")
    if find_spec("pytest") is None:
        print(
            "缺少测试工具，请运行 ./yimei test / the test tools are missing; run ./yimei test",
            file=sys.stderr,
        )
        return 1

    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    ARTEFACTS.mkdir(parents=True)
    began = time.monotonic()
    results = _results(_joined(_wanted(chosen)))
    return summary(results, seconds=time.monotonic() - began)


def _results(stages: Sequence[str]) -> list[Result]:
    """Run one stage after the other, and beside them what only reads the program and what drives a browser:
    no core waits for mypy, nor for the one story that lasts as long as all other browser tests. Asked for by
    name, and in CI, the browser tests look closely; beside the others they only walk.
    """
    ahead = [stage for stage in stages if stage not in {"lint", "e2e"}]
    browsed = partial(_browsed, glance=bool(ahead) and "long" not in stages)
    with ThreadPoolExecutor(len(LINT) + 1) as pool:
        aside = [pool.submit(_aside, *check) for check in LINT.items()] if "lint" in stages else []
        ready = _browser() if {"e2e", "long"} & set(stages) else []
        if "e2e" in stages and ahead:
            aside.append(pool.submit(browsed, _aside))
        elif "e2e" in stages:
            ready.append(browsed(_run))
        ran = [result for stage in ahead for result in RUNNERS[stage]()]
        return [*(_show(one.result()) for one in aside), *ready, *ran]


def _wanted(chosen: Sequence[str]) -> list[str]:
    """Without a choice what everybody runs; with ``all``, and in CI, what takes too long for that as well."""
    if "all" in chosen or (not chosen and os.environ.get("CI")):
        return [*STAGES, *IN_CI]
    return [stage for stage in (*STAGES, *IN_CI, *APART) if stage in chosen] or list(STAGES)


def _joined(stages: Sequence[str]) -> list[str]:
    """Run no test twice on one database: ``unit`` and ``db`` are one run, or two when one counts lines."""
    if not {"unit", "db"} <= set(stages):
        return list(stages)
    one = ["coverage", "others"] if "coverage" in stages else ["unit+db"]
    return [
        run
        for stage in stages
        if stage not in {"db", "coverage"}
        for run in (one if stage == "unit" else [stage])
    ]


def unit() -> list[Result]:
    return [_pytest("unit", ["-m", f"not database and {QUICK}", *BOTH_CORES])]


def db() -> list[Result]:
    return [_pytest("db", ["-m", f"database and {QUICK}", *BOTH_CORES])]


def unit_and_db() -> list[Result]:
    return [_pytest("unit+db", ["-m", QUICK, *BOTH_CORES])]


def long() -> list[Result]:
    """What is marked ``long``, in browsers and without."""
    without = _pytest("long", ["-m", "long and not e2e", *BOTH_CORES])
    return [without, _browsed(_run, title="long-e2e", marks="e2e and long")]


def coverage() -> list[Result]:
    counted = ["--cov=yimei", "--cov-report=term:skip-covered", f"--cov-fail-under={COVERAGE_FLOOR}"]
    return [_pytest("coverage", [*FLOWS, "-m", QUICK, *BOTH_CORES, *counted])]


def others() -> list[Result]:
    """What `coverage` did not run."""
    besides = [f"--ignore={folder}" for folder in FLOWS]
    return [_pytest("unit+db", ["tests", *besides, "-m", QUICK, *BOTH_CORES])]


def _browser() -> list[Result]:
    return [_run("browser", [PYTHON, "scripts/browser.py"])]


def _browsed(
    run: Run, *, title: str = "e2e", marks: str = "e2e and not long", glance: bool = False
) -> Result:
    found = sorted(str(path.relative_to(ROOT)) for place in IN_BROWSERS for path in ROOT.glob(place))
    more = ["--glance"] if glance else []
    return _pytest(title, [*found, "-m", marks, *BOTH_CORES, *more], run=run)


def pg() -> list[Result]:
    server = [PYTHON, "scripts/postgres.py", "--"]
    return [_pytest("pg", ["-m", "database and not e2e", *BOTH_CORES], before=server)]


def spark() -> list[Result]:
    cluster = [PYTHON, "scripts/spark.py", "--"]
    return [_pytest("spark", ["tests/insight/on_spark.py", "-s"], before=cluster)]


RUNNERS = {
    "unit": unit,
    "db": db,
    "unit+db": unit_and_db,
    "coverage": coverage,
    "others": others,
    "long": long,
    "pg": pg,
    "spark": spark,
}


def _pytest(
    title: str, arguments: Sequence[str], *, before: Sequence[str] = (), run: Run | None = None
) -> Result:
    report = ARTEFACTS / f"{title}.xml"
    result = (run or _run)(title, [*before, PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *arguments])
    result.tally = Tally.read(report)
    if os.environ.get("CI") and result.tally.skipped:
        print(f"✗ {title}: {result.tally.skipped} skipped; CI 不允许跳过 / no test is skipped in CI")
        result.ok = False
    return result


def _aside(title: str, command: Sequence[str]) -> Result:
    """Run one command and keep what it says for the end; that it failed is said at once."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        print(f"\n✗ {title}（详情在后面 / details below）", flush=True)
    return Result(title, time.monotonic() - began, ok=done.returncode == 0, said=done.stdout)


def _show(result: Result) -> Result:
    print(f"\n── {result.title} ──\n{result.said}", end="", flush=True)
    return result


def _run(title: str, command: Sequence[str]) -> Result:
    print(f"\n── {title} ──", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode
    return Result(title, time.monotonic() - began, ok=code == 0)


def environment() -> dict[str, str]:
    """The caller's, without what would point the tests at somebody's real data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YIMEI_", "DATABASE_"))}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "yimei.config.settings"}


def summary(results: Sequence[Result], *, seconds: float) -> int:
    print("\n── 小结 / summary ──")
    for result in results:
        tally = result.tally
        counts = f"{tally.passed} passed" if tally.passed or tally.failed else ""
        counts += f" {tally.failed} failed" if tally.failed else ""
        counts += f" {tally.skipped} skipped" if tally.skipped else ""
        print(f"{'✓' if result.ok else '✗'} {result.title:<16} {result.seconds:7.1f} s  {counts}")
    print(f"  {'':<16} {seconds:7.1f} s")
    passed = sum(result.tally.passed for result in results)
    failed = sum(result.tally.failed for result in results)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if all(result.ok for result in results) else 1
