"""What pages and gates ask of one customer again and again, read once and handed down."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from yimei.journey.queries import referrals
from yimei.journey.rules.gates.facts import ReferralFact
from yimei.people.models import Alert, Patient
from yimei.people.queries import alerts_of, capacity_kinds, needs_guardian
from yimei.people.queries.merges import files_by_person
from yimei.privacy.models import Consent
from yimei.privacy.queries.consents import Answers, answers_of


class Reading:
    """One customer as she stands: each thing is asked by whoever needs it first, and by nobody again.

    It lives as long as one page or one look at the gates. Whoever writes reads anew.
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient

    @cached_property
    def families(self) -> Mapping[int, frozenset[int]]:
        """All files of this person, if there are several."""
        return files_by_person([self.patient.pk])

    @cached_property
    def alerts(self) -> list[Alert]:
        return alerts_of(self.patient)

    @cached_property
    def answers(self) -> Answers:
        """To what the purposes that rest on consent ask."""
        return answers_of(self.patient)

    @cached_property
    def screenings(self) -> tuple[ReferralFact, ...]:
        return referrals.facts(self.patient)

    @cached_property
    def capacity(self) -> frozenset[str]:
        return capacity_kinds(self.patient)

    def needs_guardian(self, on: date) -> bool:
        return needs_guardian(self.patient, on, found=self.capacity)

    def consent(self, purpose_code: str, at: datetime) -> Consent | None:
        """The consent that allows a purpose at a moment, or nothing."""
        return self.answers.consent(purpose_code, at)
