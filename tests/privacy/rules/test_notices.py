import pytest

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Audience
from yimei.privacy.rules import notices
from yimei.privacy.rules.notices import Section


def sections(*codes: str) -> list[Section]:
    return [Section(code=code, title=code, paragraphs=["写明。"]) for code in codes]


COMPLETE = tuple(notices.ITEMS)


def test_a_complete_notice_misses_nothing() -> None:
    notices.check_complete(sections(*COMPLETE), Audience.ADULT)


@pytest.mark.parametrize("left_out", COMPLETE)
def test_every_item_of_the_law_is_asked_for(left_out: str) -> None:
    rest = [code for code in COMPLETE if code != left_out]
    with pytest.raises(RuleBroken) as refusal:
        notices.check_complete(sections(*rest), Audience.ADULT)
    assert [item.what for item in refusal.value.missing] == [str(notices.ITEMS[left_out])]
    assert str(notices.ITEMS[left_out]) in refusal.value.message


def test_a_blank_paragraph_says_nothing() -> None:
    blank = [*sections(*COMPLETE[1:]), Section(code=COMPLETE[0], title="空", paragraphs=["  "])]
    assert len(notices.missing_items(blank, Audience.ADULT)) == 1


def test_minors_have_rules_of_their_own() -> None:
    assert [item.what for item in notices.missing_items(sections(*COMPLETE), Audience.MINOR)] == [
        "监护人同意与专门规则"
    ]
    assert not notices.missing_items(sections(*COMPLETE, "guardian"), Audience.MINOR)


def test_the_digest_changes_with_every_part_of_the_text() -> None:
    base = {
        "code": "customer",
        "version": 1,
        "audience": "adult",
        "title": "告知",
        "sections": sections("handler"),
        "purposes": ["marketing", "care.health"],
    }
    changes = {
        "code": "minor",
        "version": 2,
        "audience": "minor",
        "title": "告知 2",
        "sections": sections("rights"),
        "purposes": ["marketing"],
    }
    digests = {notices.digest(**{**base, name: value}) for name, value in changes.items()}  # type: ignore[arg-type]
    assert len(digests | {notices.digest(**base)}) == len(changes) + 1  # type: ignore[arg-type]
    turned = {**base, "purposes": ["care.health", "marketing"]}
    assert notices.digest(**turned) == notices.digest(**base)  # type: ignore[arg-type]
