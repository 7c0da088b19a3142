"""Everything that happens to one customer, from booking to survey."""

from yimei.journey.models.aftercare import AftercareTask, Review, Survey
from yimei.journey.models.bookings import (
    Booking,
    BookingLink,
    BookingMove,
    BookingPart,
    ResourceClaim,
    UndoSlip,
)
from yimei.journey.models.cases import Case, CaseMove
from yimei.journey.models.consultations import Assessment, Consultation, TestOrder, TestResult
from yimei.journey.models.expectations import Expectation, ExpectationScore
from yimei.journey.models.feeds import CalendarFeed
from yimei.journey.models.handovers import Handover
from yimei.journey.models.labs import LabImport, LabRow, TestReport
from yimei.journey.models.maps import TreatmentMap
from yimei.journey.models.online import OnlineCode, OnlineHold
from yimei.journey.models.options import PlanChoice, PlanDraft, PlanItem
from yimei.journey.models.photos import Photo, PhotoRelease
from yimei.journey.models.plans import ConsentForm, Plan
from yimei.journey.models.questionnaires import (
    AnswerSet,
    Questionnaire,
    QuestionnaireLink,
    Referral,
    ReferralDecision,
)
from yimei.journey.models.stops import StopNote, StopOverride
from yimei.journey.models.surgeries import (
    ChecklistPhase,
    ChecklistSignature,
    Discharge,
    Observation,
    Surgery,
    SurgeryMember,
)
from yimei.journey.models.waiting import TurnAway, WaitingEntry, WaitingOffer

__all__ = [
    "AftercareTask",
    "AnswerSet",
    "Assessment",
    "Booking",
    "BookingLink",
    "BookingMove",
    "BookingPart",
    "CalendarFeed",
    "Case",
    "CaseMove",
    "ChecklistPhase",
    "ChecklistSignature",
    "ConsentForm",
    "Consultation",
    "Discharge",
    "Expectation",
    "ExpectationScore",
    "Handover",
    "LabImport",
    "LabRow",
    "Observation",
    "OnlineCode",
    "OnlineHold",
    "Photo",
    "PhotoRelease",
    "Plan",
    "PlanChoice",
    "PlanDraft",
    "PlanItem",
    "Questionnaire",
    "QuestionnaireLink",
    "Referral",
    "ReferralDecision",
    "ResourceClaim",
    "Review",
    "StopNote",
    "StopOverride",
    "Surgery",
    "SurgeryMember",
    "Survey",
    "TestOrder",
    "TestReport",
    "TestResult",
    "TreatmentMap",
    "TurnAway",
    "UndoSlip",
    "WaitingEntry",
    "WaitingOffer",
]
