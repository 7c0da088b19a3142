"""Reads of the theatre: the operation of a case, its team, its three checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yimei.journey.enums import Part, Phase
from yimei.journey.models import Case, ChecklistPhase, ChecklistSignature, Surgery
from yimei.journey.queries import facts
from yimei.journey.rules import checklist
from yimei.people.models import Staff


@dataclass(frozen=True)
class Signer:
    """Who must sign one moment, and the signature if it is there."""

    part: Part
    staff: Staff | None
    signature: ChecklistSignature | None


@dataclass(frozen=True)
class Moment:
    """One of the three moments of the check, as it stands."""

    phase: Phase
    items: Sequence[checklist.Item]
    row: ChecklistPhase | None
    signers: Sequence[Signer]
    earlier_done: bool

    @property
    def answers(self) -> Mapping[str, str]:
        return self.row.answers if self.row else {}

    @property
    def lines(self) -> list[tuple[checklist.Item, str]]:
        """Each item with its answer, blank when there is none yet."""
        return [(item, self.answers.get(item.code, "")) for item in self.items]

    @property
    def is_complete(self) -> bool:
        return self.row is not None and self.row.completed_at is not None

    @property
    def is_signed(self) -> bool:
        return any(each.signature for each in self.signers)


@dataclass(frozen=True)
class Theatre:
    """The operation with everything that its page shows."""

    surgery: Surgery
    moments: Sequence[Moment]

    def moment(self, phase: Phase) -> Moment:
        return next(each for each in self.moments if each.phase == phase)


def theatre(case: Case) -> Theatre | None:
    """Return the newest operation of a case; a fixed number of queries."""
    found = facts.open_surgery_of(case)
    if found is None:
        return None
    surgery = Surgery.objects.with_people().prefetch_related("phases__signatures__staff").get(pk=found.pk)
    rows = {Phase(row.phase): row for row in surgery.phases.all()}
    team = {Part(member.part): member.staff for member in surgery.members.all()}
    parts = checklist.signers(has_anaesthetist=Part.ANAESTHETIST in team)
    moments = []
    earlier_done = True
    for phase in checklist.ORDER:
        row = rows.get(phase)
        signed = {Part(each.part): each for each in row.signatures.all()} if row else {}
        signers = [Signer(part, team.get(part), signed.get(part)) for part in parts]
        moment = Moment(phase, checklist.ITEMS[phase], row, signers, earlier_done)
        moments.append(moment)
        earlier_done = moment.is_complete
    return Theatre(surgery, moments)
