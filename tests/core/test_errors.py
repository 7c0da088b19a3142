from datetime import UTC, datetime

from yimei.core.errors import Conflict, Missing, NotFound, Refusal, RuleBroken


def test_each_refusal_carries_its_status_and_what_is_missing() -> None:
    consent = Missing("手术同意书", "医疗机构管理条例 第三十二条", "desk:case:1")
    broken = RuleBroken("还不能开始。", missing=[consent])
    assert (broken.status, broken.code, broken.missing) == (422, "rule", (consent,))
    assert str(broken) == broken.message == "还不能开始。"


def test_a_conflict_says_when_it_is_free_next() -> None:
    free = (datetime(2026, 1, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 2, tzinfo=UTC))
    conflict = Conflict("已被占用。", next_free=[free])
    assert (conflict.status, conflict.next_free) == (409, (free,))
    assert isinstance(conflict, RuleBroken)


def test_not_found_needs_no_words() -> None:
    assert NotFound().status == 404
    assert "没有找到" in NotFound().message
    assert isinstance(NotFound(), Refusal)
