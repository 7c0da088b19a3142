"""Which consent is asked for what, by whom, with what proof, and how long it counts (PIPL 13–16, 29, 31)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.enums import (
    NEVER_NECESSARY,
    Basis,
    ChipState,
    ConsentAct,
    ConsentChannel,
    ConsentMode,
)

TRACELESS = frozenset({ConsentChannel.PAPER, ConsentChannel.PHONE})
"""Channels on which the act leaves no trace in this program: the scan or the recording is the proof."""


@dataclass(frozen=True)
class PurposeFacts:
    code: str
    name: str
    basis: Basis
    mode: ConsentMode | None
    is_sensitive: bool
    is_necessary: bool

    @property
    def needs_consent(self) -> bool:
        return self.basis == Basis.CONSENT


@dataclass(frozen=True)
class ActFacts:
    """What came with one act of consent, refusal or withdrawal."""

    act: ConsentAct
    channel: ConsentChannel
    shown_at: datetime
    at: datetime
    has_evidence: bool = False
    needs_guardian: bool = False
    has_verified_guardian: bool = False
    names_guardian: bool = False


@dataclass(frozen=True)
class Standing:
    """The latest answer to one purpose."""

    act: ConsentAct
    at: datetime
    notice_version: int
    valid_to: datetime | None = None
    is_outgrown: bool = False
    """A guardian agreed, and the person is eighteen by now: she answers for herself from here on."""


@dataclass(frozen=True)
class Told:
    """One answer in one of a person's files; ``joined_at`` is when that file was joined to her kept one."""

    file: int
    act: ConsentAct
    at: datetime
    joined_at: datetime | None = None

    def is_hers(self, at: datetime) -> bool:
        """Whether this file was known as the person's at a moment."""
        return self.joined_at is None or self.joined_at <= at


def counting(told: Sequence[Told]) -> int:
    """Return which of a person's answers counts, told in order of time: the latest of one file alone.

    What two files said before they were one: a no in either of them stands, until she answers anew as one.
    """
    latest: dict[int, int] = {}
    by_file = {each.file: each for each in told}
    for place, answer in enumerate(told):
        latest[answer.file] = place
        if answer.is_hers(answer.at):
            latest |= {file: place for file in latest if by_file[file].is_hers(answer.at)}
    refused = [place for place in latest.values() if told[place].act != ConsentAct.GIVEN]
    return max(refused or latest.values())


def check_purpose(purpose: PurposeFacts) -> None:
    """Refuse a purpose that the law does not know in this form."""
    if purpose.is_necessary and purpose.code in NEVER_NECESSARY:
        text = _("「%(name)s」不得作为诊疗的前提（个人信息保护法第十六条）。")
        raise RuleBroken(text % {"name": purpose.name}, code="purpose")
    if purpose.needs_consent and purpose.mode is None:
        raise RuleBroken(_("以同意为依据的目的必须写明同意方式。"), code="purpose")
    if purpose.needs_consent and purpose.is_sensitive and purpose.mode == ConsentMode.GENERAL:
        text = _("「%(name)s」涉及敏感个人信息，须取得单独同意（个人信息保护法第二十九条）。")
        raise RuleBroken(text % {"name": purpose.name}, code="purpose")


def check_bundle(purposes: Sequence[PurposeFacts]) -> None:
    """One act may cover several purposes only when none of them asks for an act of its own."""
    apart = [purpose.name for purpose in purposes if purpose.mode != ConsentMode.GENERAL]
    if len(purposes) > 1 and apart:
        text = _("「%(names)s」须逐项单独同意，不能与其他目的一并勾选（个人信息保护法第二十九条）。")
        raise RuleBroken(text % {"names": "、".join(apart)}, code="consent-bundled")


def inputs_for(
    act: ConsentAct, channel: ConsentChannel, mode: ConsentMode | None, *, minor: bool
) -> frozenset[str]:
    """What must come with an act; a withdrawal never asks for more than the consent did (PIPL 15)."""
    if act != ConsentAct.GIVEN:
        return frozenset()
    inputs = {"guardian"} if minor else set()
    if mode == ConsentMode.WRITTEN or channel in TRACELESS:
        inputs.add("evidence")
    return frozenset(inputs)


def check_act(purpose: PurposeFacts, facts: ActFacts) -> None:
    """Refuse an act that would prove nothing."""
    if not purpose.needs_consent:
        text = _("「%(name)s」不以同意为依据，不需要征求同意（个人信息保护法第十三条）。")
        raise RuleBroken(text % {"name": purpose.name}, code="consent-needless")
    if facts.at < facts.shown_at:
        raise RuleBroken(_("同意的时间不能早于告知的时间。"), code="consent-before-notice")
    if facts.names_guardian and not facts.needs_guardian:
        text = _("本人有完全行为能力，由本人同意，监护人不再代为作出（《民法典》第十八条）。")
        raise RuleBroken(text, code="guardian")
    needed = inputs_for(facts.act, facts.channel, purpose.mode, minor=facts.needs_guardian)
    missing = []
    if "guardian" in needed and not facts.has_verified_guardian:
        missing.append(
            Missing(
                _("监护人的同意，且监护关系已核对"),
                _("《个人信息保护法》第三十一条；《民法典》第十七条至第二十一条"),
            )
        )
    if "evidence" in needed and not facts.has_evidence:
        missing.append(Missing(_("签署件、扫描件或录音"), _("《个人信息保护法》第六十九条：处理者须能自证")))
    if missing:
        text = _("还不能记录「%(name)s」的同意，缺少：%(what)s。")
        words = {"name": purpose.name, "what": "；".join(item.what for item in missing)}
        raise RuleBroken(text % words, missing=missing, code="consent-incomplete")


def state_of(
    standing: Standing | None,
    *,
    material_version: int,
    now: datetime,
    changed_at: datetime | None = None,
    is_stopped: bool = False,
) -> ChipState:
    """Where a purpose stands; ``material_version`` is the newest notice that asks for a new consent.

    ``changed_at``: since then the purpose is another one, and an older yes does not reach it (PIPL 14).
    ``is_stopped``: a restriction stopped it, whatever was agreed to; a no stays a no (PIPL 44).
    """
    if standing is None or standing.act == ConsentAct.SHOWN:
        return ChipState.UNASKED
    if standing.act == ConsentAct.REFUSED:
        return ChipState.REFUSED
    if standing.act == ConsentAct.WITHDRAWN:
        return ChipState.WITHDRAWN
    if standing.valid_to is not None and now >= standing.valid_to:
        return ChipState.EXPIRED
    if is_stopped:
        return ChipState.STOPPED
    is_of_another = changed_at is not None and standing.at < changed_at
    if standing.is_outgrown or standing.notice_version < material_version or is_of_another:
        return ChipState.OUTDATED
    return ChipState.GIVEN


def may_ask(standing: Standing | None, state: ChipState, *, ask_again_days: int, now: datetime) -> bool:
    """No frequent asking after a clear no (NDR 22(5)); a changed notice or an expiry is a new question."""
    if state in {ChipState.GIVEN, ChipState.STOPPED}:
        return False
    if standing is not None and state in {ChipState.REFUSED, ChipState.WITHDRAWN}:
        return now >= standing.at + timedelta(days=ask_again_days)
    return True


def missing_for_care(
    purposes: Sequence[PurposeFacts], states: Mapping[str, ChipState], *, where: str = ""
) -> tuple[Missing, ...]:
    """The consents without which care cannot be given: only necessary purposes count (PIPL 16)."""
    return tuple(
        Missing(
            _("「%(name)s」的同意") % {"name": purpose.name},
            _("《个人信息保护法》第二十九条") if purpose.is_sensitive else _("《个人信息保护法》第十三条"),
            where,
        )
        for purpose in purposes
        if purpose.needs_consent and purpose.is_necessary and states.get(purpose.code) != ChipState.GIVEN
    )
