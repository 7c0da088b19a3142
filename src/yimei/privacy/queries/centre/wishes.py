"""What she may ask for, what it waits for, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, NotFound
from yimei.people.models import Patient
from yimei.people.queries.merges import keys_of
from yimei.privacy.enums import IdentityMethod, RequestChannel, RequestKind, RequestStatus
from yimei.privacy.models import CentreSession, Outcome, RightsRequest
from yimei.privacy.queries.automated import Shown, judged_by
from yimei.privacy.queries.erasure import plan, still_running
from yimei.privacy.queries.requests.letters import outcomes, title_of
from yimei.privacy.queries.requests.lists import requests_of, supplements_of, wanted_of
from yimei.privacy.rules import requests as request_rules


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


def name_of(request: RightsRequest) -> str:
    """What she asked for, in the words in which it was offered."""
    kind = RequestKind(request.kind)
    return explained(kind).title if kind in WISHES else str(kind.label)


def requests(patient: Patient) -> QuerySet[RightsRequest]:
    return requests_of(patient)


def request_of(session: CentreSession, request_id: UUID) -> RightsRequest:
    found = requests_of(session.patient).filter(public_id=request_id).first()
    if found is None:
        raise NotFound
    return found


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


def corrections(request: RightsRequest) -> list[tuple[str, str]]:
    """Return what she wrote that should be right: the identity by field, and which records."""
    found = [(label, after) for label, _before, after in wanted_of(request)]
    if kinds := supplements_of(request):
        found.append((_("补充说明"), "、".join(kinds)))
    return found


def results(request: RightsRequest) -> list[tuple[Outcome, list[str]]]:
    """Return what was done, each end once with the kinds of data that met it; nothing before the answer."""
    ends: dict[tuple[object, ...], tuple[Outcome, list[str]]] = {}
    for line in outcomes(request) if request.answered_at is not None else ():
        key = (line.outcome, line.until, line.why, line.article)
        ends.setdefault(key, (line, []))[1].append(title_of(line.holding))
    return list(ends.values())


def has_copy(request: RightsRequest, *, now: datetime) -> bool:
    return request.package_expires_at is not None and now < request.package_expires_at


def needs_proof(session: CentreSession, request: RightsRequest, *, now: datetime) -> bool:
    """Whether the identity number would let this request go on, or its copy be fetched."""
    is_proved = session.proof == IdentityMethod.CODE_ID
    waits = request.status == RequestStatus.RECEIVED and request.channel == RequestChannel.PORTAL
    return not is_proved and (waits or has_copy(request, now=now))
