"""The catalogue is whole, and its SQL means the same in other engines' words."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlglot

from tests.house.checkers import ROOT
from yimei.insight.queries.dictionary import markdown
from yimei.insight.rules.metrics import BY_CODE, METRICS, SUBJECTS, Metric
from yimei.insight.rules.metrics.dims import DIMS, TABLES, dims_of
from yimei.insight.rules.metrics.sql import Slice, figures, literal, units
from yimei.privacy.rules.deidentify.release import points_at_somebody

CUT = Slice(date(2026, 1, 1), date(2026, 7, 1), campus=1, only={"source": ["douyin", None]})


def test_each_figure_is_defined_once() -> None:
    for name in ("number", "code"):
        assert [
            key for key, count in Counter(getattr(one, name) for one in METRICS).items() if count > 1
        ] == []
    assert [one.code for one in METRICS if len({one.words.zh, one.words.en, *one.formula}) < 4] == []
    assert {one.number[0] for one in METRICS} == set(SUBJECTS)
    assert len(METRICS) >= 80
    assert [one.code for one in METRICS if one.fact not in TABLES] == []


def test_the_page_says_what_the_code_says() -> None:
    assert (ROOT / Path("docs/metrics.md")).read_text("utf-8") == markdown()


@pytest.mark.slow(reason="parses each metric three times in each dialect")
@pytest.mark.parametrize("dialect", ["spark", "postgres"])
def test_every_metric_reads_in_another_dialect(dialect: str) -> None:
    for one in METRICS:
        cut = CUT if "source" in {dim.code for dim in dims_of(one.fact)} else Slice(CUT.start, CUT.end, 1)
        month = [DIMS["month"]] if TABLES[one.fact].has("day") else []
        for sql in (figures(one, cut, month), figures(one, cut), units(one, cut, month) if one.base else ""):
            said = sqlglot.transpile(sql, read="duckdb", write=dialect)
            assert len(said) == 1
            assert sqlglot.parse_one(said[0], read=dialect)


def test_a_value_cannot_end_its_literal() -> None:
    assert literal("x' OR '1'='1") == "'x'' OR ''1''=''1'"
    assert literal(None) == "NULL"
    assert literal(7) == "7"


def test_a_share_names_both_its_parts() -> None:
    bare: list[Metric] = [one for one in METRICS if one.is_share and "AS den" not in figures(one, CUT)]
    assert bare == []


def test_behind_a_figure_about_nobody_stand_rows() -> None:
    assert (BY_CODE["visits"].behind.zh, BY_CODE["costs"].behind.zh) == ("人数", "行数")


@pytest.mark.slow(reason="opens the dictionary of names")
def test_no_words_of_a_metric_lead_to_a_person() -> None:
    """The gate of figures does not read them (`figures.check`), so they are read here."""
    assert not [one.code for one in METRICS if points_at_somebody(str(one.words))]
