"""Which files may become one person's, what speaks for it, and who must agree."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.people.enums import Compared, Doubt, Likeness, Sex
from yimei.people.rules import likeness, merging
from yimei.people.rules.identity import Identity
from yimei.people.rules.merging import File

LIN = Identity("林晓雨", "+8612000000001", "11010519491231002X", date(1949, 12, 31), Sex.FEMALE)
BARE = replace(LIN, id_no="")
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def file(number: int, identity: Identity = BARE, **given: Any) -> File:
    values = {"label": f"ZX{number}", "created_at": THEN, "public_id": str(number), **given}
    return File(number, identity=identity, **values)


@pytest.mark.parametrize(
    ("field", "other", "level"),
    [
        ("name", "林晓雨", Likeness.SAME),
        ("name", "林小雨", Likeness.SOUND),
        ("name", "林晓羽", Likeness.SOUND),
        ("name", "林晓丽", Likeness.NEAR),
        ("name", "林雨", Likeness.NEAR),
        ("name", "王芳", Likeness.OTHER),
        ("name", "𠮷", Likeness.OTHER),
        ("phone", "+8612000000001", Likeness.SAME),
        ("phone", "+8612000000007", Likeness.NEAR),
        ("phone", "+8612000000010", Likeness.NEAR),
        ("phone", "+8612999999999", Likeness.OTHER),
        ("phone", "", Likeness.SILENT),
        ("id_no", "11010519491231002X", Likeness.SAME),
        ("id_no", "110105194912310021", Likeness.NEAR),
        ("id_no", "", Likeness.SILENT),
        ("birth_date", date(1949, 12, 31), Likeness.SAME),
        ("birth_date", date(1949, 12, 30), Likeness.NEAR),
        ("birth_date", date(1995, 3, 8), Likeness.OTHER),
        ("birth_date", None, Likeness.SILENT),
        ("sex", Sex.MALE, Likeness.OTHER),
        ("sex", Sex.UNKNOWN, Likeness.SILENT),
    ],
)
def test_each_field_is_compared_by_its_own_measure(field: str, other: object, level: Likeness) -> None:
    found = likeness.compare(LIN, replace(LIN, **{field: other}))
    assert {each.field.value: each.level for each in found}[field] == level
    assert likeness.compare(replace(LIN, **{field: other}), LIN) == found


def test_day_and_month_in_each_others_place_are_near() -> None:
    one, two = replace(LIN, birth_date=date(1995, 3, 8)), replace(LIN, birth_date=date(1995, 8, 3))
    assert likeness.compare(one, two)[3].level == Likeness.NEAR


def test_a_telephone_that_a_couple_shares_proves_nothing() -> None:
    husband = Identity("陈建国", LIN.phone, "", date(1948, 5, 1), Sex.MALE)
    assert likeness.probability(likeness.compare(BARE, husband)) < 0.001
    assert likeness.probability(likeness.compare(BARE, Identity("林晓雨"))) < likeness.OFFERED
    assert likeness.probability(likeness.compare(BARE, Identity("林晓雨", LIN.phone))) > 0.5
    assert likeness.probability(likeness.compare(BARE, replace(BARE, phone="+8612999999999"))) > 0.5


def test_evidence_is_written_down_without_a_word_of_hers() -> None:
    packed = likeness.packed(likeness.compare(LIN, BARE))
    assert all(word not in str(packed) for word in ("林", "1200", "1949"))
    assert likeness.unpacked(packed)[0].field == Compared.NAME


def test_what_is_filed_proved_and_older_stands_for_the_person() -> None:
    called, filed = file(1), file(2, is_registered=True)
    assert merging.suggested(called, filed) == (filed, called)
    assert merging.suggested(filed, called) == (filed, called)
    older = file(3, created_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert merging.suggested(called, older)[0] == older


KEPT = file(1, is_registered=True)


@pytest.mark.parametrize(
    ("kept", "absorbed", "words"),
    [
        (KEPT, KEPT, "并入它自己"),
        (KEPT, file(2, is_sealed=True), "已封存"),
        (replace(KEPT, is_sealed=True), file(2), "已封存"),
        (KEPT, file(2, is_canary=True), "不能并档"),
        (KEPT, file(2, employee_id=7), "本人档案"),
        (replace(KEPT, employee_id=7), file(2), "本人档案"),
    ],
)
def test_some_files_are_never_joined(kept: File, absorbed: File, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        merging.check_merge(kept, absorbed, writer_id=7)


OTHER_NUMBER = replace(BARE, id_no="110105199503080023")
WARD_OF = (Identity("林晓雨", LIN.phone, LIN.id_no),)


@pytest.mark.parametrize(
    ("kept", "absorbed", "what"),
    [
        (KEPT, file(2, is_absorbed=True), "已并入另一份档案"),
        (replace(KEPT, is_absorbed=True), file(2), "已并入另一份档案"),
        (KEPT, file(2, has_absorbed=True), "已有别的档案并入"),
        (file(1, LIN), file(2, OTHER_NUMBER), "证件号不同"),
        (file(1, employee_id=8), file(2, employee_id=9), "两名员工"),
        (KEPT, file(2, employee_id=9), "员工本人的档案应当保留"),
        (KEPT, file(2, guardians=WARD_OF), "监护人"),
        (file(1, LIN, guardians=(Identity("母亲", "", LIN.id_no),)), file(2, LIN), "监护人"),
        (file(1), file(2, is_registered=True), "还没有建档"),
        (KEPT, file(2, is_vip=True), "还不是贵宾"),
        (file(1, replace(BARE, birth_date=None)), file(2), "没有出生日期"),
        (KEPT, file(2, replace(BARE, birth_date=date(2012, 1, 1)), is_minor=True), "未成年人"),
    ],
)
def test_what_stands_against_a_merge_is_named(kept: File, absorbed: File, what: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        merging.check_merge(kept, absorbed, writer_id=7)
    assert [missing for missing in refused.value.missing if what in missing.what]


@pytest.mark.parametrize(
    ("absorbed", "found"),
    [
        (file(2), ()),
        (file(2, replace(BARE, name="林小雨")), ()),
        (file(2, replace(BARE, name="林晓丽")), (Doubt.NAME,)),
        (file(2, replace(BARE, sex=Sex.MALE)), (Doubt.SEX,)),
        (file(2, replace(BARE, birth_date=date(1949, 12, 30))), (Doubt.BIRTH,)),
        (file(2, Identity("林晓雨")), (Doubt.WEAK,)),
        (file(2, has_history=True), (Doubt.HISTORIES,)),
    ],
)
def test_contradictions_and_two_histories_need_a_second_pair_of_eyes(
    absorbed: File, found: tuple[Doubt, ...]
) -> None:
    kept = replace(KEPT, has_history=True)
    merging.check_merge(kept, absorbed, writer_id=7)
    assert merging.doubts(kept, absorbed) == found


@pytest.mark.parametrize("reason", ["", "同人", " \0 a", "长" * 201])
def test_a_merge_needs_a_reason(reason: str) -> None:
    with pytest.raises(RuleBroken, match="理由"):
        merging.check_reason(reason)
