import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest

from yimei.config import checks
from yimei.config.checks import Result, Tally

REPORT = '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1"/></testsuites>'


def test_a_report_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(REPORT)
    assert Tally.read(report) == Tally(passed=5, failed=3, skipped=1)


def test_a_run_that_died_before_its_report_is_a_failure(tmp_path: Path) -> None:
    assert Tally.read(tmp_path / "none.xml") == Tally(failed=1)


def test_the_last_line_adds_everything_up(capsys: pytest.CaptureFixture[str]) -> None:
    good = [Result("lint", 1.0, ok=True), Result("unit", 2.0, ok=True, tally=Tally(passed=5))]
    assert checks.summary(good, seconds=3.0) == 0
    assert capsys.readouterr().out.endswith("\n5 passed, 0 failed\n")
    assert (
        checks.summary([*good, Result("pg", 1.0, ok=False, tally=Tally(passed=2, failed=1))], seconds=4.0)
        == 1
    )
    assert capsys.readouterr().out.endswith("\n7 passed, 1 failed\n")


def test_a_red_lint_fails_the_whole_though_every_test_passes() -> None:
    results = [Result("lint", 1.0, ok=False), Result("unit", 1.0, ok=True, tally=Tally(9))]
    assert checks.summary(results, seconds=2.0) == 1


def test_what_reads_the_program_runs_beside_the_tests_and_is_shown_after_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        checks, "LINT", {"good": [checks.PYTHON, "-c", "print('fine')"], "bad": [checks.PYTHON, "-c", "1/0"]}
    )
    monkeypatch.setitem(checks.RUNNERS, "unit", lambda: [Result("unit", 1.0, ok=True)])
    found = checks._results(["lint", "unit"])
    assert [(one.title, one.ok) for one in found] == [("good", True), ("bad", False), ("unit", True)]
    said = capsys.readouterr().out
    assert "✗ bad" in said
    assert said.index("── good ──\nfine") < said.index("── bad ──") < said.index("ZeroDivisionError")


def test_browsers_are_driven_beside_the_other_tests_and_shown_after_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(begun)!r}).exists(): time.sleep(0.01)"
    monkeypatch.setattr(checks, "_browser", lambda: [Result("browser", 0.1, ok=True)])
    monkeypatch.setattr(
        checks,
        "_browsed",
        lambda run, glance: run("e2e", [checks.PYTHON, "-c", f"{wait}\nprint('seen')"]),
    )

    def others() -> list[Result]:
        begun.touch()  # had the browsers to come first, they would wait for ever
        sys.stdout.write("walked")
        return [Result("unit+db", 1.0, ok=True)]

    monkeypatch.setitem(checks.RUNNERS, "unit+db", others)
    assert [one.title for one in checks._results(["unit+db", "e2e"])] == ["e2e", "browser", "unit+db"]
    said = capsys.readouterr().out
    assert said.index("walked") < said.index("── e2e ──\nseen")


def test_browsers_alone_say_what_they_do_at_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "_browser", list)
    said = [checks.PYTHON, "-c", "print('seen')"]
    monkeypatch.setattr(checks, "_browsed", lambda run, glance: run("e2e", said))
    assert [(one.title, one.said) for one in checks._results(["e2e"])] == [("e2e", "")]
    assert "seen" in capfd.readouterr().out


def test_a_skipped_test_fails_in_ci_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ARTEFACTS", tmp_path)
    monkeypatch.setattr(checks, "_run", lambda title, command: Result(title, 0.0, ok=True))
    (tmp_path / "unit.xml").write_text('<testsuite tests="2" failures="0" errors="0" skipped="1"/>')
    monkeypatch.delenv("CI", raising=False)
    assert checks.unit()[0].ok
    monkeypatch.setenv("CI", "true")
    assert not checks.unit()[0].ok


def test_tests_never_meet_real_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://hospital")
    monkeypatch.setenv("YIMEI_VAR_DIR", "/srv/hospital")
    assert not {"DATABASE_URL", "YIMEI_VAR_DIR"} & checks.environment().keys()


def test_an_unknown_stage_is_a_bad_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        checks.run_checks(["everything"])
    assert stopped.value.code == 2
    assert "everything" in capsys.readouterr().err


def test_the_second_database_is_for_ci_or_for_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert checks._wanted([]) == ["lint", "unit", "db", "e2e"]
    assert checks._wanted(["pg", "lint"]) == ["lint", "pg"]
    assert checks._wanted(["spark", "lint"]) == ["lint", "spark"]
    assert checks._wanted(["all"]) == ["lint", "unit", "db", "e2e", "long", "coverage", "pg"]
    assert checks._wanted(["long"]) == ["long"]
    monkeypatch.setenv("CI", "true")
    assert checks._wanted([]) == checks._wanted(["all"])


def test_no_test_runs_twice_on_one_database() -> None:
    assert checks._joined(["lint", "unit", "db", "e2e"]) == ["lint", "unit+db", "e2e"]
    assert checks._joined(checks._wanted(["all"])) == ["lint", "coverage", "others", "e2e", "long", "pg"]
    assert checks._joined(["db"]) == ["db"]


def marked(command: Sequence[str]) -> str:
    """Which tests the command chooses: what follows its last ``-m``."""
    return command[max(at for at, word in enumerate(command) if word == "-m") + 1]


@pytest.mark.parametrize("marks", list(product([False, True], repeat=3)))
def test_whatever_a_test_is_marked_ci_runs_it_once_on_each_database(
    marks: tuple[bool, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = dict(zip(("database", "e2e", "long"), marks, strict=True))
    asked: list[tuple[str, Sequence[str]]] = []

    def keep(title: str, command: Sequence[str]) -> Result:
        asked.append((title, command))
        return Result(title, 0.0, ok=True)

    monkeypatch.setattr(checks, "_run", keep)
    for stage in ("unit+db", "e2e", "long", "pg"):
        [checks._browsed(keep)] if stage == "e2e" else checks.RUNNERS[stage]()
    runs = [title for title, command in asked if eval(marked(command), {}, names)]
    expected = [title for title in runs if title != "pg"]
    assert len(expected) == 1
    assert runs.count("pg") == (names["database"] and not names["e2e"])


@pytest.mark.parametrize(
    ("stages", "glance"),
    [(["unit+db", "e2e"], True), (["e2e"], False), (["unit+db", "e2e", "long"], False)],
)
def test_browsers_beside_the_rest_only_walk_and_look_closely_when_named_and_in_ci(
    stages: list[str], glance: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def keep(title: str, command: Sequence[str]) -> Result:
        asked.append(command)
        return Result(title, 0.0, ok=True)

    monkeypatch.setattr(checks, "_browser", list)
    monkeypatch.setattr(checks, "_run", keep)
    monkeypatch.setattr(checks, "_aside", keep)
    checks._results(stages)
    walked = [command for command in asked if "e2e and not long" in command]
    assert [("--glance" in command) for command in walked] == [glance]
