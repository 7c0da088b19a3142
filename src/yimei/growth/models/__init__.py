"""Rows of growth."""

from yimei.growth.models.calls import CallFile, CallRecord
from yimei.growth.models.credit import CreditAppeal, CreditPolicy, CreditRuling
from yimei.growth.models.enquiries import EnquiryVisit
from yimei.growth.models.events import DoorScan, Event, EventCost, Seat, SeatEntry
from yimei.growth.models.feedback import (
    Feedback,
    FeedbackPlace,
    FeedbackReply,
    FeedbackStep,
    Improvement,
    ReviewFile,
)
from yimei.growth.models.flows import Flow, FlowRun, FlowStep, FlowTask, FlowVersion
from yimei.growth.models.intake import Gate, Intake, LeadFile, LeadFileLine
from yimei.growth.models.leads import Lead, LeadConsent, LeadStep, Touch
from yimei.growth.models.members import (
    BenefitEntry,
    BenefitGrant,
    Member,
    MemberPolicy,
    PointEntry,
    TierMove,
)
from yimei.growth.models.owning import Draw, OwnerPeriod
from yimei.growth.models.partners import (
    Partner,
    PartnerAgreement,
    PartnerCode,
    PartnerLead,
    PartnerLink,
    PartnerPaper,
    Statement,
    StatementLine,
)
from yimei.growth.models.profiles import Profile, ProfileCursor, Tag, Tagging
from yimei.growth.models.promotions import BudgetEntry, Coupon, CouponMove, Promotion, PromotionItem
from yimei.growth.models.referrals import Referral, ReferralCode, ReferralPolicy, ReferralStep, Thanks
from yimei.growth.models.scores import LeadModel
from yimei.growth.models.segments import Segment, SegmentMember, SegmentVersion
from yimei.growth.models.skills import AssignPolicy, LeadSkill
from yimei.growth.models.stories import Story, StoryPicture, StoryReview, StoryStand, StoryStep, StoryVersion

__all__ = [
    "AssignPolicy",
    "BenefitEntry",
    "BenefitGrant",
    "BudgetEntry",
    "CallFile",
    "CallRecord",
    "Coupon",
    "CouponMove",
    "CreditAppeal",
    "CreditPolicy",
    "CreditRuling",
    "DoorScan",
    "Draw",
    "EnquiryVisit",
    "Event",
    "EventCost",
    "Feedback",
    "FeedbackPlace",
    "FeedbackReply",
    "FeedbackStep",
    "Flow",
    "FlowRun",
    "FlowStep",
    "FlowTask",
    "FlowVersion",
    "Gate",
    "Improvement",
    "Intake",
    "Lead",
    "LeadConsent",
    "LeadFile",
    "LeadFileLine",
    "LeadModel",
    "LeadSkill",
    "LeadStep",
    "Member",
    "MemberPolicy",
    "OwnerPeriod",
    "Partner",
    "PartnerAgreement",
    "PartnerCode",
    "PartnerLead",
    "PartnerLink",
    "PartnerPaper",
    "PointEntry",
    "Profile",
    "ProfileCursor",
    "Promotion",
    "PromotionItem",
    "Referral",
    "ReferralCode",
    "ReferralPolicy",
    "ReferralStep",
    "ReviewFile",
    "Seat",
    "SeatEntry",
    "Segment",
    "SegmentMember",
    "SegmentVersion",
    "Statement",
    "StatementLine",
    "Story",
    "StoryPicture",
    "StoryReview",
    "StoryStand",
    "StoryStep",
    "StoryVersion",
    "Tag",
    "Tagging",
    "Thanks",
    "TierMove",
    "Touch",
]
