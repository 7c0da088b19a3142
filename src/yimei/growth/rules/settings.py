"""Which numbers of growth a hospital sets itself; none of them is law."""

from yimei.privacy.rules.numbers import Family

NUMBERS = Family(
    "growth",
    {
        "lead.response_minutes": (1, 1440),
        "lead.protect_days": (1, 365),
        "lead.protect_activity": (0, 365),
        "lead.protect_most": (1, 730),
        "lead.idle_days": (0, 365),
        "lead.claims_per_day": (1, 500),
        "lead.holding_most": (1, 5000),
        "lead.reclaim_days": (0, 365),
        "lead.overdue_hours": (1, 720),
        "partner.unit_fees": (0, 1),
        "partner.link_days": (7, 365),
        "referral.burst": (2, 100),
        "referral.places": (1, 50),
        "marketing.cap": (0, 10),
        "marketing.cap_days": (7, 365),
        "enquiry.cap": (0, 10),
        "rfm.recent_days": (7, 730),
        "rfm.lost_days": (30, 1460),
        "rfm.often": (2, 100),
        "rfm.much": (1, 1000),
        "feedback.urgent_minutes": (5, 240),
        "feedback.high_hours": (1, 72),
        "feedback.normal_hours": (1, 240),
        "feedback.low_days": (1, 30),
        "feedback.work_from": (6, 12),
        "feedback.work_until": (13, 23),
        "feedback.remind_minutes": (5, 1440),
        "feedback.survey_score": (0, 10),
        "feedback.effect_days": (14, 180),
    },
    ordered=(("lead.protect_days", "lead.protect_most"), ("rfm.recent_days", "rfm.lost_days")),
)
