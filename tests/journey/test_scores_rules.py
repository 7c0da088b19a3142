"""Risk scores against published examples: RCRI (Lee 1999), Caprini (2005), Mallampati, ASA, BMI."""

from decimal import Decimal

import pytest

from yimei.core.errors import RuleBroken
from yimei.journey.enums import Asa
from yimei.journey.rules import scores
from yimei.journey.rules.scores.base import Frozen
from yimei.journey.rules.scores.caprini import CAPRINI, derived
from yimei.journey.rules.scores.rcri import RCRI


@pytest.mark.parametrize(
    ("ticked", "total", "band", "rate"),
    [
        (set(), 0, "I 级", "0.4"),
        ({"insulin"}, 1, "II 级", "0.9"),
        ({"ischaemic", "creatinine"}, 2, "III 级", "6.6"),
        ({"high_risk_surgery", "ischaemic", "failure"}, 3, "IV 级", "11"),
        ({item.code for item in RCRI.items}, 6, "IV 级", "11"),
    ],
)
def test_rcri_is_as_lee_published_it(ticked: set[str], total: int, band: str, rate: str) -> None:
    frozen = RCRI.freeze(ticked)
    assert (frozen["value"], frozen["band"]) == (str(total), band)
    assert rate in frozen["reading"]
    assert "1043" in frozen["source"]


@pytest.mark.parametrize(
    ("ticked", "total", "band"),
    [
        ({"minor"}, 1, "低危"),
        ({"age_41", "minor"}, 2, "中危"),
        ({"age_41", "major"}, 3, "高危"),
        ({"age_41", "stout", "hormones", "major"}, 5, "极高危"),
        ({"vte", "cancer"}, 5, "极高危"),
        ({"stroke"}, 5, "极高危"),
        ({"major", "minor", "age_41", "age_61"}, 4, "高危"),
    ],
)
def test_caprini_adds_up_and_counts_one_of_a_group(ticked: set[str], total: int, band: str) -> None:
    frozen = CAPRINI.freeze(ticked)
    assert (frozen["value"], frozen["band"]) == (str(total), band)
    assert frozen["suggestion"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(None, ""), (40, ""), (41, "age_41"), (60, "age_41"), (61, "age_61"), (74, "age_61"), (75, "age_75")],
)
def test_caprini_takes_age_from_the_birth_date(age: int | None, expected: str) -> None:
    known = list(derived(age=age, bmi=25, minutes=45, on_hormones=False))
    assert known == [*([expected] if expected else []), "minor"]


def test_caprini_takes_the_rest_that_is_known() -> None:
    assert set(derived(age=None, bmi=25.1, minutes=46, on_hormones=True)) == {"stout", "major", "hormones"}


def worked(**changes: object) -> dict[str, Frozen]:
    values = {
        "ticked": {},
        "mallampati": 3,
        "asa": Asa.THREE,
        "height_cm": Decimal(160),
        "weight_kg": Decimal(72),
        "age": 45,
        "minutes": 120,
        "on_hormones": False,
    } | changes
    return scores.work_out(**values)  # type: ignore[arg-type]


def test_every_score_is_kept_with_its_items_and_its_source() -> None:
    found = worked(ticked={"caprini": ["varicose"]})
    assert set(found) == {"asa", "bmi", "mallampati", "rcri", "caprini"}
    assert all(each["source"] and each["reading"] for each in found.values())
    assert (found["bmi"]["value"], found["bmi"]["band"]) == ("28.1", "肥胖")
    assert (found["asa"]["value"], found["mallampati"]["value"]) == ("III", "III")
    assert "困难" in found["mallampati"]["suggestion"]
    assert found["caprini"]["value"] == "5"
    assert found["caprini"]["items"] == [
        "41–60 岁 +1",
        "BMI 大于 25 +1",
        "大手术（超过 45 分钟） +2",
        "静脉曲张 +1",
    ]


def test_nobody_ticks_what_the_program_knows_or_what_is_no_item() -> None:
    assert worked(ticked={"caprini": ["age_75", "minor"]})["caprini"]["value"] == "4"
    for ticked in ({"caprini": ["nonsense"]}, {"apgar": ["tone"]}):
        with pytest.raises(RuleBroken, match="不在表内"):
            worked(ticked=ticked)


def test_without_an_airway_class_none_is_invented() -> None:
    assert "mallampati" not in worked(mallampati=None)
