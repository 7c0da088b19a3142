from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import (
    NEVER_NECESSARY,
    Basis,
    ChipState,
    ConsentAct,
    ConsentChannel,
    ConsentMode,
)
from yimei.privacy.rules import consents
from yimei.privacy.rules.consents import ActFacts, PurposeFacts, Standing

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def purpose(
    code: str = "marketing",
    *,
    basis: Basis = Basis.CONSENT,
    mode: ConsentMode | None = ConsentMode.GENERAL,
    is_sensitive: bool = False,
    is_necessary: bool = False,
) -> PurposeFacts:
    return PurposeFacts(code, code, basis, mode, is_sensitive, is_necessary)


HEALTH = purpose("care.health", mode=ConsentMode.SEPARATE, is_sensitive=True, is_necessary=True)
PUBLICITY = purpose("image.publicity", mode=ConsentMode.WRITTEN, is_sensitive=True)
MARKETING = purpose()


def act(
    *,
    channel: ConsentChannel = ConsentChannel.TABLET,
    shown_at: datetime = NOW,
    at: datetime = NOW,
    has_evidence: bool = False,
    needs_guardian: bool = False,
    has_verified_guardian: bool = False,
) -> ActFacts:
    return ActFacts(
        act=ConsentAct.GIVEN,
        channel=channel,
        shown_at=shown_at,
        at=at,
        has_evidence=has_evidence,
        needs_guardian=needs_guardian,
        has_verified_guardian=has_verified_guardian,
    )


@pytest.mark.parametrize("code", NEVER_NECESSARY)
def test_what_does_not_serve_care_is_never_a_condition_of_it(code: str) -> None:
    with pytest.raises(RuleBroken, match="第十六条"):
        consents.check_purpose(purpose(code, is_necessary=True))


def test_sensitive_data_by_consent_need_an_act_of_their_own() -> None:
    with pytest.raises(RuleBroken, match="单独同意"):
        consents.check_purpose(purpose("research", is_sensitive=True))
    consents.check_purpose(HEALTH)
    consents.check_purpose(PUBLICITY)


def test_a_purpose_by_consent_names_its_mode() -> None:
    with pytest.raises(RuleBroken, match="同意方式"):
        consents.check_purpose(purpose(mode=None))


@pytest.mark.parametrize(
    ("bundle", "is_allowed"),
    [
        ([HEALTH], True),
        ([MARKETING], True),
        ([MARKETING, purpose("automated")], True),
        ([MARKETING, HEALTH], False),
        ([HEALTH, PUBLICITY], False),
    ],
)
def test_a_separate_consent_covers_exactly_one_purpose(bundle: list[PurposeFacts], is_allowed: bool) -> None:
    if is_allowed:
        consents.check_bundle(bundle)
    else:
        with pytest.raises(RuleBroken, match="逐项单独同意"):
            consents.check_bundle(bundle)


@pytest.mark.parametrize(
    ("wanted", "facts", "missing"),
    [
        (MARKETING, act(), 0),
        (MARKETING, act(channel=ConsentChannel.PHONE), 1),
        (MARKETING, act(channel=ConsentChannel.PHONE, has_evidence=True), 0),
        (MARKETING, act(channel=ConsentChannel.PAPER), 1),
        (HEALTH, act(channel=ConsentChannel.PORTAL), 0),
        (HEALTH, act(needs_guardian=True), 1),
        (HEALTH, act(needs_guardian=True, has_verified_guardian=True), 0),
        (PUBLICITY, act(), 1),
        (PUBLICITY, act(has_evidence=True), 0),
        (PUBLICITY, act(needs_guardian=True, channel=ConsentChannel.PAPER), 2),
    ],
)
def test_an_act_that_proves_nothing_names_what_is_missing(
    wanted: PurposeFacts, facts: ActFacts, missing: int
) -> None:
    if not missing:
        consents.check_act(wanted, facts)
        return
    with pytest.raises(RuleBroken) as refusal:
        consents.check_act(wanted, facts)
    assert len(refusal.value.missing) == missing


def test_nobody_agrees_before_being_told() -> None:
    with pytest.raises(RuleBroken, match="早于告知"):
        consents.check_act(MARKETING, act(shown_at=NOW + timedelta(seconds=1)))


def test_no_consent_is_asked_for_where_the_contract_is_the_ground() -> None:
    with pytest.raises(RuleBroken, match="不需要征求同意"):
        consents.check_act(purpose("care.identity", basis=Basis.CONTRACT, mode=None), act())


@pytest.mark.parametrize(
    ("channel", "mode", "minor"), list(product(ConsentChannel, ConsentMode, [False, True]))
)
def test_taking_back_never_asks_for_more_than_giving(
    channel: ConsentChannel, mode: ConsentMode, minor: bool
) -> None:
    giving = consents.inputs_for(ConsentAct.GIVEN, channel, mode, minor=minor)
    for other in (ConsentAct.WITHDRAWN, ConsentAct.REFUSED):
        assert consents.inputs_for(other, channel, mode, minor=minor) <= giving


GIVEN = Standing(ConsentAct.GIVEN, NOW - DAY, notice_version=2)


@pytest.mark.parametrize(
    ("standing", "material_version", "state"),
    [
        (None, 0, ChipState.UNASKED),
        (Standing(ConsentAct.SHOWN, NOW, 1), 1, ChipState.UNASKED),
        (Standing(ConsentAct.REFUSED, NOW, 1), 1, ChipState.REFUSED),
        (Standing(ConsentAct.WITHDRAWN, NOW, 1), 2, ChipState.WITHDRAWN),
        (GIVEN, 0, ChipState.GIVEN),
        (GIVEN, 2, ChipState.GIVEN),
        (GIVEN, 3, ChipState.OUTDATED),
        (Standing(ConsentAct.GIVEN, NOW - DAY, 2, NOW), 2, ChipState.EXPIRED),
        (Standing(ConsentAct.GIVEN, NOW - DAY, 2, NOW + DAY), 2, ChipState.GIVEN),
    ],
)
def test_the_latest_answer_decides_where_a_purpose_stands(
    standing: Standing | None, material_version: int, state: ChipState
) -> None:
    assert consents.state_of(standing, material_version=material_version, now=NOW) == state


@given(days=st.integers(min_value=0, max_value=400), limit=st.integers(min_value=1, max_value=365))
def test_a_clear_no_is_respected_for_as_many_days_as_the_house_says(days: int, limit: int) -> None:
    for said, state in ((ConsentAct.REFUSED, ChipState.REFUSED), (ConsentAct.WITHDRAWN, ChipState.WITHDRAWN)):
        standing = Standing(said, NOW - days * DAY, notice_version=1)
        assert consents.may_ask(standing, state, ask_again_days=limit, now=NOW) == (days >= limit)


def test_a_changed_notice_is_a_new_question_and_a_yes_is_not_asked_twice() -> None:
    assert consents.may_ask(GIVEN, ChipState.OUTDATED, ask_again_days=180, now=NOW)
    assert consents.may_ask(None, ChipState.UNASKED, ask_again_days=180, now=NOW)
    assert not consents.may_ask(GIVEN, ChipState.GIVEN, ask_again_days=180, now=NOW)


def test_only_necessary_purposes_can_stop_care() -> None:
    everything = [HEALTH, MARKETING, PUBLICITY]
    missing = consents.missing_for_care(everything, {}, where="desk:patient:1")
    assert [item.what for item in missing] == ["「care.health」的同意"]
    assert missing[0].where == "desk:patient:1"
    assert consents.missing_for_care(everything, {"care.health": ChipState.GIVEN}) == ()
    assert consents.missing_for_care(everything, {"care.health": ChipState.OUTDATED}) != ()
