"""Tell, ask, record the answer, take it back: each is one row that nobody can edit."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import open_patient
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.queries import needs_guardian
from yimei.privacy.enums import Audience, Capacity, ConsentAct, ConsentChannel
from yimei.privacy.models import Consent, Notice, Purpose
from yimei.privacy.queries import needs
from yimei.privacy.queries.consents import chip, terms_of
from yimei.privacy.queries.register import audience_of, current_notice, facts_of, limit
from yimei.privacy.rules import consents as rules
from yimei.privacy.rules.restriction import check_ask
from yimei.vault import files


@dataclass(frozen=True)
class Evidence:
    """The signed sheet, the scan or the recording."""

    data: bytes
    name_hint: str = ""


@transaction.atomic
def show(
    patient: Patient,
    purpose_code: str,
    *,
    now: datetime,
    by: Staff | None = None,
    channel: ConsentChannel = ConsentChannel.TABLET,
    device: str = "",
    language: str = "zh-hans",
) -> Consent:
    """Record that the question was put; refused within the days in which a no must be respected."""
    patient, purpose = _locked(patient, by), _purpose(purpose_code)
    check_ask(facts_of(purpose), is_restricted=patient.is_restricted)
    standing = chip(patient, purpose_code, now)
    days = limit("consent.ask_again_days", local_date(now))
    if standing and not rules.may_ask(standing.standing, standing.state, ask_again_days=days, now=now):
        if standing.is_given:
            raise RuleBroken(_("对方已经同意，不需要再次征求。"), code="consent-given")
        text = _("对方已明确拒绝，%(days)s 天内不再征求（网络数据安全管理条例第二十二条）。")
        raise RuleBroken(text % {"days": days}, code="consent-asked-too-soon")
    notice = _notice(patient, purpose, now)
    return _add(
        ConsentAct.SHOWN,
        patient,
        purpose,
        notice,
        shown_at=now,
        now=now,
        by=by,
        channel=channel,
        device=device,
        language=language,
    )


@transaction.atomic
def give(
    patient: Patient,
    purpose_code: str,
    *,
    now: datetime,
    by: Staff | None = None,
    shown_at: datetime | None = None,
    channel: ConsentChannel = ConsentChannel.TABLET,
    guardian: Guardian | None = None,
    evidence: Evidence | None = None,
    valid_to: datetime | None = None,
    device: str = "",
    language: str = "zh-hans",
) -> Consent:
    """Record a yes to one purpose under the notice in force; ``by`` is nobody when the person acts alone.

    The same yes twice (a second click) stays one row; a new signature, guardian or period is a new one.
    """
    patient, purpose = _locked(patient, by), _purpose(purpose_code)
    check_ask(facts_of(purpose), is_restricted=patient.is_restricted)
    notice = _notice(patient, purpose, now)
    shown = shown_at or _last_shown(patient, purpose, notice) or now
    rules.check_act(
        facts_of(purpose),
        rules.ActFacts(
            act=ConsentAct.GIVEN,
            channel=channel,
            shown_at=shown,
            at=now,
            has_evidence=evidence is not None,
            needs_guardian=needs_guardian(patient, local_date(now)),
            has_verified_guardian=_guards(guardian, patient),
            names_guardian=guardian is not None,
        ),
    )
    if shown < notice.published_at:
        raise RuleBroken(_("告知已更新，请先出示现行版本再征求同意。"), code="notice-outdated")
    if valid_to is not None and valid_to <= now:
        raise RuleBroken(_("同意的有效期必须晚于现在。"), code="consent-validity")
    standing = chip(patient, purpose_code, now)
    if standing and standing.consent and standing.is_given and evidence is None:
        known = standing.consent
        if (known.notice_id, known.guardian_id, known.valid_to) == (
            notice.pk,
            guardian and guardian.pk,
            valid_to,
        ):
            return known
    return _add(
        ConsentAct.GIVEN,
        patient,
        purpose,
        notice,
        shown_at=shown,
        now=now,
        by=by,
        channel=channel,
        device=device,
        language=language,
        guardian=guardian,
        evidence=evidence,
        valid_to=valid_to,
    )


@transaction.atomic
def give_together(
    patient: Patient,
    purpose_codes: Sequence[str],
    *,
    now: datetime,
    by: Staff | None = None,
    channel: ConsentChannel = ConsentChannel.TABLET,
    guardian: Guardian | None = None,
    evidence: Evidence | None = None,
) -> list[Consent]:
    """Record one act that covers several purposes; refused when any of them asks for an act of its own."""
    rules.check_bundle([facts_of(_purpose(code)) for code in purpose_codes])
    return [
        give(patient, code, now=now, by=by, channel=channel, guardian=guardian, evidence=evidence)
        for code in purpose_codes
    ]


@transaction.atomic
def refuse(
    patient: Patient,
    purpose_code: str,
    *,
    now: datetime,
    by: Staff | None = None,
    channel: ConsentChannel = ConsentChannel.TABLET,
    device: str = "",
) -> Consent:
    """Record a no; care goes on unless the purpose is necessary for it."""
    patient, purpose = _locked(patient, by), _purpose(purpose_code)
    standing = chip(patient, purpose_code, now)
    if standing and standing.is_standing:
        raise RuleBroken(_("对方已经同意；改变主意请办理撤回。"), code="consent-given")
    notice = _notice(patient, purpose, now)
    shown = _last_shown(patient, purpose, notice) or now
    rules.check_act(
        facts_of(purpose), rules.ActFacts(act=ConsentAct.REFUSED, channel=channel, shown_at=shown, at=now)
    )
    return _add(
        ConsentAct.REFUSED,
        patient,
        purpose,
        notice,
        shown_at=shown,
        now=now,
        by=by,
        channel=channel,
        device=device,
    )


@transaction.atomic
def withdraw(
    patient: Patient,
    purpose_code: str,
    *,
    now: datetime,
    by: Staff | None = None,
    channel: ConsentChannel = ConsentChannel.TABLET,
    device: str = "",
) -> Consent:
    """End a consent at once, for nothing but the wish; what was done before stays lawful (PIPL 15)."""
    patient, purpose = _locked(patient, by), _registered(purpose_code)
    standing = chip(patient, purpose_code, now, even_stopped=True)
    given = standing.consent if standing else None
    if given is None or given.act != ConsentAct.GIVEN:
        text = _("没有可以撤回的「%(name)s」同意。")
        raise RuleBroken(text % {"name": purpose.name}, code="consent-none")
    return _add(
        ConsentAct.WITHDRAWN,
        patient,
        purpose,
        given.notice,
        shown_at=given.shown_at,
        now=now,
        by=by,
        channel=channel,
        device=device,
        guardian=given.guardian,
    )


def _locked(patient: Patient, by: Staff | None) -> Patient:
    """Take the patient's row, so that two answers stand in one line; staff only reach whom they may find."""
    if by is not None:
        return open_patient(patient.public_id, by=by, lock=True)
    return only(Patient.objects.with_person().filter(sealed_at=None), patient.public_id, lock=True)


def _purpose(code: str) -> Purpose:
    """A purpose for which people may be asked now."""
    purpose = _registered(code)
    if not purpose.is_active:
        raise NotFound(_("没有登记这个目的，或已停用。"))
    if purpose.closed_at is not None:
        raise needs.unsigned_refusal(purpose)
    return purpose


def _registered(code: str) -> Purpose:
    """Any purpose: what was agreed to is taken back whether or not it is in force (PIPL 15)."""
    purpose = Purpose.objects.filter(code=code).select_related("retention").first()
    if purpose is None:
        raise NotFound(_("没有登记这个目的，或已停用。"))
    return purpose


def _notice(patient: Patient, purpose: Purpose, now: datetime) -> Notice:
    audience = audience_of(patient, local_date(now))
    notice = current_notice(purpose.code, audience)
    if notice is None:
        text = _("还没有面向%(audience)s、说明「%(name)s」的告知，请先发布。")
        words = {"audience": Audience(audience).label, "name": purpose.name}
        raise RuleBroken(text % words, code="notice-missing")
    return notice


def _last_shown(patient: Patient, purpose: Purpose, notice: Notice) -> datetime | None:
    files = Patient.objects.files_of(patient)
    rows = Consent.objects.filter(patient__in=files, purpose=purpose, notice=notice, act=ConsentAct.SHOWN)
    return rows.order_by("-at").values_list("at", flat=True).first()


def _guards(guardian: Guardian | None, patient: Patient) -> bool:
    if guardian is not None and guardian.patient.head_id != patient.head_id:
        raise NotFound(_("这位监护人没有登记在此客户名下。"))
    return guardian is not None and guardian.verified_at is not None


def _capacity(*, is_minor: bool, guardian: Guardian | None) -> Capacity:
    """On which ground this person may answer (民法典 第十七条至第二十一条)."""
    if not is_minor:
        return Capacity.ADULT
    return Capacity.GUARDIAN if guardian else Capacity.MINOR


def _add(
    act: ConsentAct,
    patient: Patient,
    purpose: Purpose,
    notice: Notice,
    *,
    shown_at: datetime,
    now: datetime,
    by: Staff | None,
    channel: ConsentChannel,
    device: str = "",
    language: str = "zh-hans",
    guardian: Guardian | None = None,
    evidence: Evidence | None = None,
    valid_to: datetime | None = None,
) -> Consent:
    key = patient.person.vault_key
    is_minor = needs_guardian(patient, local_date(now))
    standing = chip(patient, purpose.code, now, even_stopped=True)
    proof = files.store(evidence.data, key=key, name_hint=evidence.name_hint) if evidence else None
    consent = Consent.objects.create(
        patient=patient,
        guardian=guardian,
        purpose=purpose,
        notice=notice,
        notice_sha256=notice.sha256,
        act=act,
        mode=purpose.mode,
        channel=channel,
        language=language,
        shown_at=shown_at,
        at=now,
        by=by,
        device=device[:120],
        evidence=proof,
        evidence_sha256=hashlib.sha256(evidence.data).hexdigest() if evidence else "",
        valid_to=valid_to,
        capacity=_capacity(is_minor=is_minor, guardian=guardian),
        terms=terms_of(purpose, notice),
        retention=purpose.retention,
        supersedes=standing.consent if standing else None,
    )
    log.record(
        f"privacy.consent.{act.value}", at=now, by=by, target=consent, subject=key, purpose=purpose.code
    )
    return consent
