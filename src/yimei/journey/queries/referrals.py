"""Where the screenings of a customer stand: what a physician has decided, and what still waits for one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yimei.journey import registry
from yimei.journey.enums import ReferralOutcome
from yimei.journey.models import Case, Referral, ReferralDecision
from yimei.journey.registry import TaskItem, Worklist
from yimei.journey.rules.gates.facts import ReferralFact
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, RoleCode

DECIDE_WITHIN = timedelta(hours=2)


@dataclass(frozen=True)
class Standing:
    """One referral with its decisions, the newest first."""

    referral: Referral
    decisions: tuple[ReferralDecision, ...]

    @property
    def code(self) -> str:
        return self.referral.code

    @property
    def decision(self) -> ReferralDecision | None:
        return next(iter(self.decisions), None)

    @property
    def outcome(self) -> ReferralOutcome | None:
        return ReferralOutcome(self.decision.outcome) if self.decision else None


def standings(patient: Patient) -> list[Standing]:
    """Return every referral of a person, whatever the case it came up in; two queries."""
    rows = Referral.objects.filter(case__patient__in=Patient.objects.files_of(patient)).select_related(
        "case__procedure", "case__patient__person__vault_key", "answers__questionnaire"
    )
    decisions = ReferralDecision.objects.filter(
        referral__case__patient__in=Patient.objects.files_of(patient)
    ).select_related("by", "referral__case__patient__person__vault_key")
    of: dict[int, list[ReferralDecision]] = {}
    for decision in decisions.order_by("-at", "-id"):
        of.setdefault(decision.referral_id, []).append(decision)
    return [Standing(row, tuple(of.get(row.pk, ()))) for row in rows.order_by("-raised_at", "-id")]


def facts(patient: Patient) -> tuple[ReferralFact, ...]:
    """What the gate looks at; a new episode does not shake off what an earlier one asked. One query."""
    rows = Referral.objects.filter(case__patient__in=Patient.objects.files_of(patient))
    newest = {
        pk: ReferralFact(ReferralOutcome(outcome) if outcome else None, name or "")
        for pk, outcome, name in rows.order_by("raised_at", "decisions__at", "decisions__id").values_list(
            "pk", "decisions__outcome", "decisions__by__name"
        )
    }
    return tuple(newest.values())


@registry.today_source(RoleCode.SURGEON)
def to_decide(staff: Staff, now: datetime) -> Worklist[Referral]:
    """Screenings of one's own customers that nobody has decided about."""
    decided = ReferralDecision.objects.filter(referral=OuterRef("pk"))
    waiting = Referral.objects.filter(
        ~Exists(decided),
        case__in=Case.objects.visible_to(staff, Permission.PLAN_WRITE).open(),
        case__surgeon=staff,
    )
    return Worklist(
        waiting,
        ("raised_at",),
        lambda raised_at: raised_at + DECIDE_WITHIN,
        waiting.select_related("case__patient__person__vault_key").all,
        lambda row, due_at: TaskItem(
            due_at=due_at,
            patient=row.case.patient,
            what=_("筛查结果须由您决定，决定前不能定方案"),
            action=_("去决定"),
            where=f"desk:case-questionnaires:{row.case.public_id}",
        ),
    )
