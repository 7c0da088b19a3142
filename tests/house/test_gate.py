"""Rows of the mart leave through one gate: who meets them is a short list, each with what hides the small."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.checkers import ROOT

INSIGHT = ROOT / "src/yimei/insight"
MEETS_ROWS = {
    "queries/mart.py": "hands them to those below",
    "queries/figures.py": "hides small cells and checks every answer (`check`) before anybody has it",
    "queries/raw.py": "asks for figures as they are, only for `figures`",
    "queries/told.py": "counts rows by buckets of people, which it hands to nobody",
    "queries/counted.py": "counts them for `told`, many questions in one look",
    "queries/cuts.py": "asks for the ends of a histogram",
    "queries/cells.py": "hides small groups of a picture",
    "queries/samples.py": "leaves out groups of too few people; returns tests and models, no rows",
    "queries/reports/facts.py": "joins small parts to one; the whole report passes `reports.gate`",
    "queries/drawing.py": "asks for the values of a dimension",
    "queries/labels.py": "reads names of dimensions and imports, nobody's rows",
    "queries/private.py": "only for `downloads.publish`, which tells nothing without noise",
    "queries/sql.py": "passes cells through `rules.sql.telling.tell`",
    "queries/drill.py": "leads to records by the reader's own right to open them",
}
HOMES = {"yimei.insight.gateways.reader", "yimei.insight.gateways.apart", "yimei.insight.queries.mart"}
ASKS = {"ask", "run", "table", "question", "beside_base", "statements"}
OWNERS = {"mart", "reader", "apart"}
OWN_ENGINE = {
    "gateways/store.py",
    "gateways/reader.py",
    "gateways/apart/inside.py",
    "rules/linkage/comparing.py",
}
"""Who opens a database at all: builder, reader, the process apart, the comparing of names in memory."""


@cache
def modules() -> dict[str, ast.Module]:
    paths = sorted(INSIGHT.rglob("*.py"))
    return {str(path.relative_to(INSIGHT)): ast.parse(path.read_text("utf-8")) for path in paths}


def _asks(tree: ast.Module) -> bool:
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    brought = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in HOMES
        for alias in node.names
    }
    return bool(brought & ASKS) or any(owner in OWNERS and name in ASKS for owner, name in used)


@pytest.mark.slow(reason="reads every module of the part")
def test_only_these_meet_rows_of_the_mart() -> None:
    found = {name for name, tree in modules().items() if _asks(tree)}
    assert found == set(MEETS_ROWS)


def test_a_database_is_opened_in_four_places() -> None:
    found = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "connect" and isinstance(node.value, ast.Name)
        if node.value.id == "duckdb"
    }
    assert found == OWN_ENGINE


def test_an_answer_is_made_in_one_place_and_checked_there() -> None:
    makers = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Answer"
    }
    assert makers == {"queries/figures.py"}
    called = {
        node.name: [
            call.func.id
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        ]
        for node in modules()["queries/figures.py"].body
        if isinstance(node, ast.FunctionDef)
    }
    assert [name for name, calls in called.items() if "_answer" in calls] == ["_made"]
    assert called["_made"].index("_answer") < called["_made"].index("check")
    assert [name for name, calls in called.items() if "_made" in calls] == ["answer", "finest"]
    assert all("_as_told" in called[name] for name in ("answer", "finest"))


def test_no_screen_reads_the_folder_of_the_mart() -> None:
    screens = [ROOT / "src/yimei" / part for part in ("desk", "portal", "site", "api", "hooks")]
    texts = {path: path.read_text("utf-8") for part in screens for path in Path(part).rglob("*.py")}
    assert not [
        str(path)
        for path, text in texts.items()
        if "duckdb" in text or "read_parquet" in text or "mart.ask" in text
    ]
