"""The gates of parties, transfers and assessments as tables, without a database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.privacy.rules.test_incidents import NUMBERS
from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Trigger
from yimei.privacy.enums.parties import PartyKind, PartyState, Route, TransferGround
from yimei.privacy.rules import assessments, parties, transfers

TODAY = date(2026, 6, 16)
PARTY = parties.Facts(
    "云短信",
    PartyKind.PROCESSOR,
    PartyState.ACTIVE,
    "CN",
    TODAY + timedelta(days=1),
    TODAY + timedelta(days=1),
)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (None, "未登记"),
        (replace(PARTY, state=PartyState.DRAFT), "未获批准"),
        (replace(PARTY, state=PartyState.SUSPENDED), "已停止"),
        (replace(PARTY, state=PartyState.ENDED), "已停止"),
        (replace(PARTY, valid_to=TODAY - timedelta(days=1)), "已到期"),
        (replace(PARTY, valid_to=None), "已到期"),
        (replace(PARTY, next_review_on=TODAY - timedelta(days=1)), "复核已逾期"),
        (replace(PARTY, country="US"), "境外"),
    ],
)
def test_an_unlisted_or_lapsed_party_gets_nothing(facts: parties.Facts | None, says: str) -> None:
    found = parties.reason_not_to_send(facts, code="sms", on=TODAY)
    assert found is not None
    assert says in found.what
    assert found.why


def test_a_party_in_order_is_sent_to_up_to_its_last_day() -> None:
    assert parties.reason_not_to_send(PARTY, code="sms", on=TODAY) is None
    assert parties.reason_not_to_send(PARTY, code="sms", on=TODAY + timedelta(days=1)) is None
    assert parties.reason_not_to_send(PARTY, code="sms", on=TODAY + timedelta(days=2)) is not None
    abroad = replace(PARTY, country="US", has_transfer=True)
    assert parties.reason_not_to_send(abroad, code="sms", on=TODAY) is None


def test_a_contract_without_a_term_is_no_contract() -> None:
    whole = {
        "terms": list(parties.TERMS),
        "diligence": list(parties.DILIGENCE),
        "holdings": ["people.identity"],
        "consent_purpose": "",
        "on": TODAY,
    }
    assert parties.missing_to_start(PARTY, **whole) == []  # type: ignore[arg-type]
    short = parties.missing_to_start(PARTY, **{**whole, "terms": [], "diligence": [], "holdings": []})  # type: ignore[arg-type]
    assert len(short) == 3
    recipient = replace(PARTY, kind=PartyKind.RECIPIENT)
    assert [one.what for one in parties.missing_to_start(recipient, **whole)] == ["单独同意的目的"]  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["短信", "a", "sms aliyun", "../x", "x" * 41, "𠮷𠮷"])
def test_a_code_is_a_plain_word(code: str) -> None:
    with pytest.raises(RuleBroken):
        parties.check_code(code)
    assert parties.check_code(" SMS.Aliyun ") == "sms.aliyun"


FACTS = transfers.Facts(
    ground=TransferGround.CONSENT,
    is_sensitive=False,
    is_important=False,
    operator="ordinary",
    route=Route.CONTRACT,
    evidence="SC-1",
    rights="邮件",
    holdings=["people.identity"],
    consent_purpose="abroad",
    is_consent_for_abroad=True,
    effective_on=TODAY,
    valid_to=None,
)
CONTRACT = {Route.CONTRACT, Route.CERTIFICATION, Route.ASSESSMENT}


@pytest.mark.parametrize(
    ("plain", "sensitive", "changes", "routes"),
    [
        (99_999, 0, {}, {*CONTRACT, Route.EXEMPT}),
        (100_000, 0, {}, CONTRACT),
        (999_999, 0, {}, CONTRACT),
        (1_000_000, 0, {}, {Route.ASSESSMENT}),
        (0, 1, {"is_sensitive": True}, CONTRACT),
        (0, 9_999, {"is_sensitive": True}, CONTRACT),
        (0, 10_000, {"is_sensitive": True}, {Route.ASSESSMENT}),
        (0, 0, {"is_important": True}, {Route.ASSESSMENT}),
        (0, 0, {"operator": "critical"}, {Route.ASSESSMENT}),
        (500_000, 500, {"ground": TransferGround.CONTRACT}, {*CONTRACT, Route.EXEMPT}),
        (500_000, 0, {"ground": TransferGround.CONTRACT, "is_important": True}, {Route.ASSESSMENT}),
    ],
)
def test_the_route_follows_the_persons_of_the_year(
    plain: int, sensitive: int, changes: dict[str, object], routes: set[Route]
) -> None:
    facts = replace(FACTS, **changes)  # type: ignore[arg-type]
    assert transfers.routes(transfers.Counts(plain, sensitive), facts, NUMBERS) == routes


def test_one_photograph_of_a_patient_already_needs_a_gate() -> None:
    facts = replace(FACTS, is_sensitive=True, route=Route.EXEMPT, evidence="")
    missing = transfers.missing_to_release(facts, transfers.Counts(0, 1), NUMBERS, on=TODAY)
    assert "标准合同备案" in missing[0].what


def test_everything_of_x1_is_asked_for() -> None:
    assert transfers.missing_to_release(FACTS, transfers.Counts(0, 0), NUMBERS, on=TODAY) == []
    bare = replace(
        FACTS,
        evidence="",
        rights="",
        holdings=[],
        consent_purpose="",
        effective_on=None,
        valid_to=date(2026, 1, 1),
    )
    assert len(transfers.missing_to_release(bare, transfers.Counts(0, 0), NUMBERS, on=TODAY)) == 6


def test_who_agreed_to_a_partner_at_home_agreed_to_nobody_abroad() -> None:
    counts = transfers.Counts(0, 0)
    assert transfers.missing_to_release(FACTS, counts, NUMBERS, on=TODAY) == []
    for_home = replace(FACTS, consent_purpose="sharing.partner", is_consent_for_abroad=False)
    [missing] = transfers.missing_to_release(for_home, counts, NUMBERS, on=TODAY)
    assert "境内用途的同意不能代替" in missing.what
    by_contract = replace(for_home, ground=TransferGround.CONTRACT)
    assert transfers.missing_to_release(by_contract, counts, NUMBERS, on=TODAY) == []


def test_what_the_hospital_adds_or_changes_is_assessed_in_any_case() -> None:
    own = assessments.triggers_of_purpose(
        "face.queue", is_sensitive=True, declared=["automated"], is_new=True
    )
    assert own == {Trigger.NEW, Trigger.SENSITIVE, Trigger.AUTOMATED}
    assert assessments.triggers_of_purpose("abroad", is_sensitive=False) == {Trigger.ABROAD}


@pytest.mark.parametrize(
    ("code", "is_sensitive", "triggers"),
    [
        ("care.health", True, {Trigger.SENSITIVE}),
        ("image.publicity", True, {Trigger.SENSITIVE, Trigger.PUBLISH}),
        ("automated", False, {Trigger.AUTOMATED}),
        ("marketing", False, set()),
    ],
)
def test_the_five_situations_of_the_law(code: str, is_sensitive: bool, triggers: set[Trigger]) -> None:
    assert assessments.triggers_of_purpose(code, is_sensitive=is_sensitive) == triggers


RISK = {
    "what": "外泄", "likelihood": 3, "severity": 5, "measure": "加密",
    "likelihood_after": 1, "severity_after": 5,
}  # fmt: skip
TEXTS = dict.fromkeys(assessments.SECTIONS, "写满十个字的说明文字内容")


def test_an_assessment_says_three_things_and_scores_its_risks() -> None:
    risks = assessments.read_risks([RISK, {"what": " "}])
    assert assessments.score(risks) == (15, 5)
    assessments.check_whole(texts=TEXTS, risks=risks, triggers=["sensitive"])
    with pytest.raises(RuleBroken) as caught:
        assessments.check_whole(texts=dict.fromkeys(assessments.SECTIONS, ""), risks=[], triggers=[])
    assert len(caught.value.missing) == 5
    worse = assessments.read_risks([{**RISK, "likelihood_after": 5}])
    with pytest.raises(RuleBroken, match="不完整"):
        assessments.check_whole(texts=TEXTS, risks=worse, triggers=["sensitive"])


@pytest.mark.parametrize("score", [0, 6, None, "3", True and 9])
def test_a_score_lies_between_one_and_five(score: object) -> None:
    with pytest.raises(RuleBroken):
        assessments.read_risks([{**RISK, "likelihood": score}])


def test_what_stays_too_high_may_not_go_live() -> None:
    high = assessments.read_risks([{**RISK, "likelihood_after": 3}])
    with pytest.raises(RuleBroken, match="高风险"):
        assessments.check_approve(prepared_by=1, approver=2, risks=high)
    with pytest.raises(RuleBroken, match="另一人"):
        assessments.check_approve(prepared_by=1, approver=1, risks=assessments.read_risks([RISK]))


@pytest.mark.parametrize(("valid_to", "count"), [(TODAY, 0), (TODAY - timedelta(days=1), 1)])
def test_an_assessment_counts_to_its_last_day(valid_to: date, count: int) -> None:
    found = assessments.missing_for({Trigger.SENSITIVE}, [(["sensitive"], valid_to)], on=TODAY, name="影像")
    assert len(found) == count


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("purpose:story.share", "处理目的"),
        ("party:sms", "合作方"),
        ("transfer:lab", "个人信息出境"),
        ("something", "something"),
    ],
)
def test_an_assessment_says_what_it_is_about_in_words(subject: str, says: str) -> None:
    assert assessments.kind_of(subject) == says
