"""What is kept of her, why and how long, and who gets it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.people.models import Patient
from yimei.people.queries.merges import keys_of
from yimei.privacy.enums import Answer
from yimei.privacy.enums.parties import TransferGround, TransferState
from yimei.privacy.models import Purpose, Transfer, TransferPerson
from yimei.privacy.queries import parties, transfers
from yimei.privacy.queries.consents import consent_chips
from yimei.privacy.queries.erasure import plan
from yimei.privacy.queries.record import period_of
from yimei.privacy.queries.register import retention_on
from yimei.privacy.queries.sections import UNTOLD


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
