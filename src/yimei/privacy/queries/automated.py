"""What programs say of one person, and why: what she, the desk and the letter read (PIPL 24)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.people.models import Patient
from yimei.people.queries.merges import keys_of
from yimei.privacy import registry
from yimei.privacy.enums import RequestKind
from yimei.privacy.models import RightsRequest
from yimei.privacy.registry import Judged, Program


@dataclass(frozen=True)
class Shown:
    """One program and what it says of her; nothing when it never judged her."""

    program: Program
    judged: tuple[Judged, ...]

    @property
    def is_by_people(self) -> bool:
        return all(one.is_by_people for one in self.judged)


def judged_by(keys: Collection[UUID]) -> list[Shown]:
    """Return the programs that say anything of the person behind these keys."""
    found = [Shown(one, tuple(one.judged(keys))) for one in registry.programs()]
    return [one for one in found if one.judged]


def of_request(request: RightsRequest) -> list[Shown]:
    """The same of the person of a request; of somebody erased there is nothing to say."""
    gone = request.patient.person.vault_key.is_destroyed
    return [] if gone else judged_by(keys_of(request.patient))


def is_running(patient: Patient) -> bool:
    """Whether she waits for such an answer already."""
    files = Patient.objects.files_of(patient)
    return RightsRequest.objects.open().filter(patient__in=files, kind=RequestKind.EXPLAIN).exists()


def choices() -> list[tuple[str, str]]:
    """What may be asked to be decided by a person."""
    return [(one.code, str(one.title)) for one in registry.programs()]


def titles(codes: Sequence[str]) -> list[str]:
    known = dict(choices())
    return [known[code] for code in codes if code in known]


def explanation(request: RightsRequest) -> str:
    """A first draft of the answer: what the programs say as she asks, before any is silenced."""
    told = [_told(one) for one in of_request(request)]
    if not told:
        told = [_("没有程序对您作出过自动判断。")]
    if asked := titles(request.scope):
        told.append(_("按您的要求，「%(names)s」改由人来决定，结论：") % {"names": "、".join(asked)})
    return "\n".join(told)


def _told(shown: Shown) -> str:
    said = "；".join(
        f"{one.said}（{'、'.join(one.reasons)}）" if one.reasons else one.said for one in shown.judged
    )
    words = {"title": shown.program.title, "said": said}
    words |= {"reads": shown.program.reads, "effect": shown.program.effect}
    return _("「%(title)s」：%(said)s。依据：%(reads)s。用处：%(effect)s。") % words
