"""What the privacy centre shows a person: what is kept and why, who got it, who looked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.audit.models import Entry
from yimei.audit.queries import looks_at
from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import Missing, NotFound
from yimei.people.enums import TokenKind
from yimei.people.models import Guardian, Patient
from yimei.people.queries import needs_guardian, proved_guardians
from yimei.people.queries.merges import id_numbers_of, keys_of, other_files
from yimei.privacy.enums import (
    Answer,
    IdentityMethod,
    RequestChannel,
    RequestKind,
    RequestStatus,
    TransferGround,
    TransferState,
)
from yimei.privacy.models import CentreSession, Outcome, Purpose, RightsRequest, Transfer, TransferPerson
from yimei.privacy.queries import parties, transfers
from yimei.privacy.queries.automated import Shown, judged_by
from yimei.privacy.queries.consents import consent_chips
from yimei.privacy.queries.erasure import plan, still_running
from yimei.privacy.queries.looks import Seen, seen_page
from yimei.privacy.queries.record import period_of
from yimei.privacy.queries.register import limit, retention_on
from yimei.privacy.queries.requests import outcomes, requests_of, supplements_of, title_of, wanted_of
from yimei.privacy.queries.sections import UNTOLD
from yimei.privacy.rules import centre as rules
from yimei.privacy.rules import requests as request_rules
from yimei.vault import blind

WEEK = timedelta(days=7)
Visit = CentreSession
"""What a screen calls the visit that it is given."""


@dataclass(frozen=True)
class Holder:
    """Whose data a number and a birthday lead to, and who speaks for her."""

    patient: Patient
    guardian: Guardian | None


@dataclass(frozen=True)
class Kept:
    """One kind of data: what, how much, why, how long, who gets it."""

    code: str
    title: str
    categories: tuple[str, ...]
    count: int
    purposes: tuple[tuple[str, str, str], ...]
    period: str
    until: date | None
    recipients: tuple[str, ...]
    on_request: str
    answer: Answer


@dataclass(frozen=True)
class Abroad:
    """One giving of her data to somebody abroad: what, on which ground, whether it happened."""

    transfer: Transfer
    what: tuple[str, ...]
    ground: str
    sent_at: datetime | None
    waits: bool
    """It rests on her separate consent, and she has given none that counts."""

    @property
    def is_open(self) -> bool:
        return self.transfer.state == TransferState.ACTIVE


@dataclass(frozen=True)
class Wish:
    """One kind of request as the page offers it."""

    kind: RequestKind
    title: str
    text: str

    @property
    def needs_number(self) -> bool:
        return self.kind not in request_rules.LIGHT


WISHES: Mapping[RequestKind, tuple[object, object]] = {
    RequestKind.ACCESS: (gettext_lazy("查看我的信息"), gettext_lazy("看一份我们保存的全部内容")),
    RequestKind.COPY: (
        gettext_lazy("要一份副本，或转到别的医院"),
        gettext_lazy("可阅读的 PDF 与机器可读的文件"),
    ),
    RequestKind.CORRECT: (gettext_lazy("更正或补充"), gettext_lazy("有错或不全的，告诉我们应当是什么")),
    RequestKind.DELETE: (
        gettext_lazy("删除我的信息"),
        gettext_lazy("能删的立即删除；法律要求保存的只存不用，到期自动删除"),
    ),
    RequestKind.RESTRICT: (
        gettext_lazy("停止使用，先别删"),
        gettext_lazy("营销、统计等立即停止；在办的事项办完后只保存，不再作其他用途"),
    ),
    RequestKind.EXPLAIN: (gettext_lazy("解释说明"), gettext_lazy("为什么这样处理，有没有由程序自动决定")),
    RequestKind.CLOSE: (gettext_lazy("注销档案"), gettext_lazy("不再是本院的客户，并删除信息")),
    RequestKind.COMPLAIN: (gettext_lazy("投诉"), gettext_lazy("对我们处理您信息的方式有意见")),
}


@dataclass(frozen=True)
class Front:
    """The first page in numbers."""

    kinds: int
    looks_this_week: int
    consents: int
    open_requests: int


def holder_of(number: str, birth_date: date, *, on: date) -> Holder | None:
    """Return the one living person of this birthday whose number, or whose guardian's number, this is.

    Several or none are nobody. A guardian comes with her own number and the birthday of whom she answers
    for, so that a mother who is a customer herself reaches herself by her own birthday.
    """
    token = blind.token(TokenKind.PHONE.value, number)
    hers = blind.token(TokenKind.GUARDIAN.value, number)
    living = Patient.objects.with_person().kept().filter(sealed_at=None)
    by_number = Q(person__tokens__token=token)
    by_guardian = Q(
        pk__in=Guardian.objects.exclude(verified_at=None)
        .filter(person__tokens__token=hers)
        .order_by()
        .values(stands=Coalesce("patient__merged_into", "patient"))
    )
    found = living.filter(by_number | by_guardian).distinct().order_by("pk")[:20]
    fitting = [one for one in found if one.person.birth_date == birth_date]
    if len(fitting) != 1:
        return None
    patient = fitting[0]
    same = [one for one in proved_guardians(patient) if one.person.phone == number]
    is_own = number in {file.person.phone for file in (patient, *other_files(patient))}
    if needs_guardian(patient, on):
        guardian = same[0] if same else None
        return Holder(patient, guardian) if is_own or guardian else None
    return Holder(patient, None) if is_own and not same else None


def session_behind(key_hash: str, *, now: datetime) -> CentreSession:
    """Return the visit of a browser while it lasts; over, sealed, erased and outgrown are all not found."""
    rows = CentreSession.objects.filter(key_hash=key_hash, ended_at=None)
    session = rows.select_related(
        "patient__person__vault_key", "patient__campus", "guardian__person__vault_key"
    ).first()
    if session is None or session.patient.is_sealed or session.patient.person.vault_key.is_destroyed:
        raise NotFound
    on = local_date(now)
    is_over = rules.is_over(
        started_at=session.started_at,
        seen_at=session.seen_at,
        idle=limit("centre.idle_minutes", on),
        visit=limit("centre.visit_minutes", on),
        now=now,
    )
    is_outgrown = session.guardian is not None and not needs_guardian(session.patient, on)
    if is_over or is_outgrown:
        raise NotFound
    return session


def front(patient: Patient, *, now: datetime) -> Front:
    looks = looks_at(*keys_of(patient)).filter(at__gte=now - WEEK)
    return Front(
        kinds=len(kept(patient, now=now)),
        looks_this_week=looks.count(),
        consents=sum(chip.is_given for chip in consent_chips(patient, now)),
        open_requests=RightsRequest.objects.open()
        .filter(patient__in=Patient.objects.files_of(patient))
        .count(),
    )


def kept(patient: Patient, *, now: datetime) -> list[Kept]:
    """Return each kind of data that is really there, the most first."""
    on = local_date(now)
    purposes = {purpose.code: purpose for purpose in Purpose.objects.all()}
    periods = retention_on(on)
    found = [
        Kept(
            code=line.holding.code,
            title=line.holding.title,
            categories=line.holding.categories,
            count=line.count,
            purposes=tuple(_purposes(line.holding.purpose_codes, purposes)),
            period=period_of(periods[line.holding.retention_code])
            if line.holding.retention_code in periods
            else "",
            until=line.until,
            recipients=line.holding.recipients,
            on_request=_on_request(line.answer, line.until),
            answer=line.answer,
        )
        for line in plan(patient, now).lines
        if line.count and line.holding.code not in UNTOLD
    ]
    return sorted(found, key=lambda one: -one.count)


def outlook(found: Sequence[Kept]) -> list[tuple[str, list[str]]]:
    """Return what a deletion would come to, each end once with the kinds of data that meet it."""
    ends: dict[str, list[str]] = {}
    for one in found:
        word = _("核实身份后立即删除") if one.answer == Answer.ERASE else one.on_request
        ends.setdefault(word, []).append(one.title)
    return list(ends.items())


def recipients(kept_: Iterable[Kept]) -> list[tuple[str, list[str]]]:
    """Return who can get what: each receiver with the kinds of data that are really there."""
    found: dict[str, list[str]] = {}
    for one in kept_:
        for receiver in one.recipients:
            found.setdefault(receiver, []).append(one.title)
    return list(found.items())


def abroad(patient: Patient, kept_: Iterable[Kept], *, now: datetime) -> list[Abroad]:
    """Return who abroad received her data, or may receive what is kept of her, as PIPL 39 asks it told."""
    titles = {one.code: one.title for one in kept_}
    sent = dict(
        TransferPerson.objects.filter(subject_key__in=keys_of(patient))
        .order_by()
        .values_list("transfer")
        .annotate(first=Min("at"))
    )
    said = {chip.code: chip.is_given for chip in consent_chips(patient, now)}
    return [
        Abroad(
            transfer=one,
            what=tuple(titles.get(code, "") or parties.titles([code])[0] for code in one.holdings),
            ground=str(one.get_ground_display()),
            sent_at=sent.get(one.pk),
            waits=one.ground == TransferGround.CONSENT and not said.get(one.consent_purpose, False),
        )
        for one in transfers.listed().order_by("code")
        if one.pk in sent or (one.state == TransferState.ACTIVE and titles.keys() & set(one.holdings))
    ]


def looks(patient: Patient, number: str | None = None) -> tuple[Page[Entry], list[tuple[date, list[Seen]]]]:
    """Return one page of who looked, day by day, named as the hospital has decided."""
    page, rows = seen_page(patient, number)
    found: dict[date, list[Seen]] = {}
    for look in rows:
        found.setdefault(local_date(look.at), []).append(look)
    return page, list(found.items())


def staff_name(name: str) -> str:
    """The name of somebody who looked, as far as the hospital shows it; the role is always shown."""
    policy = settings.CENTRE_STAFF_NAMES
    return {"full": name, "role": ""}.get(policy, names.mask(name) if name else "")


def pending(patient: Patient, kind: RequestKind, *, now: datetime) -> tuple[Missing, ...]:
    """Return what must end before this can be done; it is asked of nothing that only shows or stops."""
    if kind not in request_rules.ERASING:
        return ()
    return plan(patient, now, counted=False).pending


def running(patient: Patient, *, now: datetime) -> tuple[Missing, ...]:
    """Return what goes on under a restriction until it is done."""
    return tuple(run.missing for run in still_running(plan(patient, now, counted=False), now))


def pending_of(session: CentreSession, request: RightsRequest, *, now: datetime) -> tuple[Missing, ...]:
    """The same of a request that still runs."""
    is_open = request.status in request_rules.OPEN
    return pending(session.patient, RequestKind(request.kind), now=now) if is_open else ()


def running_of(session: CentreSession, request: RightsRequest, *, now: datetime) -> tuple[Missing, ...]:
    """The same of her request for a restriction: before it is answered, and while it waits."""
    is_live = request.status in request_rules.OPEN or session.patient.is_restricted
    is_hers = request.kind == RequestKind.RESTRICT and is_live
    return running(session.patient, now=now) if is_hers else ()


def judged(patient: Patient) -> list[Shown]:
    """Return what programs say of her, and why."""
    return judged_by(keys_of(patient))


def requests(patient: Patient) -> QuerySet[RightsRequest]:
    return requests_of(patient)


def in_hand(patient: Patient, kind: RequestKind) -> RightsRequest | None:
    """Return the request of this kind that is being worked on; there is never a second one."""
    files = Patient.objects.files_of(patient)
    return RightsRequest.objects.open().filter(patient__in=files, kind=kind).first()


def corrections(request: RightsRequest) -> list[tuple[str, str]]:
    """Return what she wrote that should be right: the identity by field, and which records."""
    found = [(label, after) for label, _before, after in wanted_of(request)]
    if kinds := supplements_of(request):
        found.append((_("补充说明"), "、".join(kinds)))
    return found


def request_of(session: CentreSession, request_id: UUID) -> RightsRequest:
    found = requests_of(session.patient).filter(public_id=request_id).first()
    if found is None:
        raise NotFound
    return found


def askable() -> list[Wish]:
    """Return what may be asked for here; a consent is taken back on its own page, without a request."""
    return [explained(kind) for kind in RequestKind if kind != RequestKind.WITHDRAW]


def kind_of(word: str) -> RequestKind:
    if word not in RequestKind or word == RequestKind.WITHDRAW:
        raise NotFound
    return RequestKind(word)


def explained(kind: RequestKind) -> Wish:
    """One kind of request in plain words."""
    return Wish(kind, *(str(text) for text in WISHES[kind]))


def results(request: RightsRequest) -> list[tuple[Outcome, list[str]]]:
    """Return what was done, each end once with the kinds of data that met it; nothing before the answer."""
    ends: dict[tuple[object, ...], tuple[Outcome, list[str]]] = {}
    for line in outcomes(request) if request.answered_at is not None else ():
        key = (line.outcome, line.until, line.why, line.article)
        ends.setdefault(key, (line, []))[1].append(title_of(line.holding))
    return list(ends.values())


def name_of(request: RightsRequest) -> str:
    """What she asked for, in the words in which it was offered."""
    kind = RequestKind(request.kind)
    return explained(kind).title if kind in WISHES else str(kind.label)


def has_copy(request: RightsRequest, *, now: datetime) -> bool:
    return request.package_expires_at is not None and now < request.package_expires_at


def needs_proof(session: CentreSession, request: RightsRequest, *, now: datetime) -> bool:
    """Whether the identity number would let this request go on, or its copy be fetched."""
    is_proved = session.proof == IdentityMethod.CODE_ID
    waits = request.status == RequestStatus.RECEIVED and request.channel == RequestChannel.PORTAL
    return not is_proved and (waits or has_copy(request, now=now))


def numbers_of(session: CentreSession) -> list[str]:
    """Return the identity numbers by which whoever came in can prove herself; often there is none."""
    if session.guardian:
        return [number for number in (session.guardian.person.id_no,) if number]
    return id_numbers_of(session.patient)


def _purposes(codes: tuple[str, ...], known: Mapping[str, Purpose]) -> Iterator[tuple[str, str, str]]:
    for code in codes:
        if purpose := known.get(code):
            yield purpose.name, str(purpose.get_basis_display()), purpose.article


def _on_request(answer: Answer, until: date | None) -> str:
    """What would become of it today if she asked for deletion."""
    if answer == Answer.SEAL and until:
        return _("法律要求保存到 %(day)s，在此之前要求删除的，停止使用、只作存储") % {
            "day": f"{until:%Y-%m-%d}"
        }
    return {
        Answer.ERASE: _("可以随时要求删除"),
        Answer.KEEP: _("作为合规证据保留，不含可读的个人信息"),
        Answer.HOLD: _("争议终结之前只作存储"),
    }.get(answer, "")
