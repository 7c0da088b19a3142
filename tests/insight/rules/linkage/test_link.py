"""Linkage without labels: what it finds, and what it must not join."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from yimei.insight.rules.linkage import blocking, clusters, han
from yimei.insight.rules.linkage.link import Linkage, link
from yimei.insight.rules.linkage.records import Records, make, sound
from yimei.rehearsal.rules import forebears, twins


def linked(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Records, Linkage]:
    records = make(header, rows)
    return records, link(records)


def figures(records: Records, found: Linkage) -> tuple[float, float]:
    pairs = [
        (records.ids[a], records.ids[b]) for a, b in zip(found.one.tolist(), found.two.tolist(), strict=True)
    ]
    right = sum(twins.person_of(a) == twins.person_of(b) for a, b in pairs)
    return right / len(pairs), right / twins.true_pairs(records.ids)


@pytest.mark.slow(reason="links three thousand records of each kind")
@pytest.mark.parametrize(
    ("people", "least_precision", "least_recall"),
    [(twins.english, 0.99, 0.98), (twins.chinese, 0.99, 0.985), (forebears.historical, 0.95, 0.8)],
)
def test_copies_are_found_and_relatives_are_not(
    people: Callable[[int], tuple[tuple[str, ...], list[list[str]]]],
    least_precision: float,
    least_recall: float,
) -> None:
    records, found = linked(*people(3000))
    precision, recall = figures(records, found)
    assert precision >= least_precision
    assert recall >= least_recall


@pytest.mark.slow(reason="links a thousand records twice")
def test_equal_input_gives_equal_output() -> None:
    one, two = (linked(*twins.chinese(1000))[1] for _again in range(2))
    assert one.one.tolist() == two.one.tolist()
    assert one.probability.tolist() == two.probability.tolist()
    assert one.group.tolist() == two.group.tolist()


def test_a_couple_with_one_telephone_stays_two() -> None:
    header, rows = twins.chinese(400)
    rows += [
        ["x-0", "周雪莹", "女", "13611112222", "", "1990-03-05", "文三路5号金色家园3栋502", "杭州市", "", ""],
        ["y-0", "许建国", "男", "13611112222", "", "1986-11-21", "文三路5号金色家园3栋502", "杭州市", "", ""],
        ["x-1", "周雪萤", "女", "13611112222", "", "1990-05-03", "文三路5号金色家园3栋502", "", "", ""],
    ]  # fmt: skip
    records, found = linked(header, rows)
    group = dict(zip(records.ids, found.group.tolist(), strict=True))
    assert group["x-0"] == group["x-1"] != group["y-0"]


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_to_compare_with_gives_no_pair(count: int) -> None:
    _records, found = linked(["id", "name"], [["1", "王芳"]][:count])
    assert len(found.one) == 0
    assert len(found.group) == count


def test_columns_without_a_word_are_no_evidence() -> None:
    _records, found = linked(["id", "name", "phone"], [["1", "", ""], ["2", " ", "无"], ["3", "", ""]])
    assert len(found.one) == 0


def test_skewed_blocks_do_not_explode() -> None:
    rows = [[str(n), "王芳", f"13{n:09d}", "杭州市"] for n in range(30_000)]
    one, _two = blocking.candidates(make(["id", "name", "phone", "city"], rows))
    assert len(one) < 40 * len(rows)


def test_between_two_files_nothing_inside_one_is_compared() -> None:
    rows = [[str(n), f"王{'芳敏静'[n % 3]}", f"1380000{n % 20:04d}"] for n in range(80)]
    records = make(["id", "name", "phone"], rows, split=40)
    one, two = blocking.candidates(records)
    assert len(one)
    assert bool((one < 40).all())
    assert bool((two >= 40).all())


def test_one_doubtful_pair_does_not_join_two_crowds() -> None:
    edges = [
        (0, 1, 6.0),
        (0, 2, 6.0),
        (1, 2, 6.0),
        (3, 4, 6.0),
        (3, 5, 6.0),
        (4, 5, 6.0),
        (2, 3, 0.5),
        (1, 4, -6.0),
    ]
    one, two, logit = (np.array(each) for each in zip(*edges, strict=True))
    assert clusters.grouped(6, one, two, logit, at_least=0.0).tolist() == [0, 0, 0, 3, 3, 3]


def test_one_to_one_keeps_the_surer_pair() -> None:
    one, two = np.array([0, 0]), np.array([2, 3])
    group = clusters.grouped(4, one, two, np.array([5.0, 3.0]), at_least=0.0, single=2)
    assert group.tolist() == [0, 1, 0, 3]


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("张雨涵", "张雨函", 1),
        ("张雨涵", "张涵雨", 1),
        ("张雨涵", "张涵", 1),
        ("王芳", "芳王", 1),
        ("王芳", "王方", 2),
        ("王芳", "王静怡", 3),
        ("王芳", "李敏", 4),
    ],
)
def test_chinese_names_are_near_in_degrees(left: str, right: str, level: int) -> None:
    table = han.letters(pl.Series([left, right]))
    assert han.name_levels(table, np.array([0]), np.array([1])).tolist() == [level]


def test_addresses_are_one_when_their_numbers_are() -> None:
    words = ["杭州市文三路5号3栋502", "文三路5号3幢502室", "文三路5号", "解放路8号1栋2"]
    features = han.address_features(pl.Series(words))
    levels = han.address_levels(features, np.array([0, 0, 0]), np.array([1, 2, 3]))
    assert levels.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("1990-3-5", "19900305"),
        ("1990/03/05", "19900305"),
        ("1990年3月5日", "19900305"),
        ("3/5/1990", "19900305"),
        ("19900305", "19900305"),
    ],
)
def test_dates_have_one_written_form(cell: str, written: str) -> None:
    assert make(["id", "birth_date"], [["1", cell]]).columns["birth_date"].words.to_list() == [written]


def test_names_sound_alike() -> None:
    assert sound("周雪莹") == sound("周雪萤") == "zhou xue ying"
    assert sound("ann lee") == "annlee"
