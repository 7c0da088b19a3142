"""Which numbers of the service journey a hospital sets itself; none of them is law."""

from yimei.privacy.rules.numbers import Family

NUMBERS = Family(
    "journey",
    {
        "reception.wait_amber": (1, 240),
        "reception.wait_red": (1, 480),
        "case.overdue_hours": (1, 720),
        "waiting.offer_minutes": (5, 1440),
        "waiting.night_from": (0, 23),
        "waiting.night_until": (0, 23),
        "booking.no_show_most": (1, 20),
        "booking.no_show_days": (7, 730),
        "booking.deposit_yuan": (1, 100_000),
        "booking.deposit_percent": (1, 20),  # Civil Code 586 II: never above twenty
        "booking.deposit_free_hours": (0, 168),
        "questionnaire.link_days": (1, 60),
        "cooling.grade_1": (0, 60),
        "cooling.grade_2": (0, 60),
        "cooling.grade_3": (0, 60),
        "cooling.grade_4": (0, 60),
        "cooling.minor": (0, 90),
        "online.hold_minutes": (2, 60),
        "online.lead_minutes": (0, 10_080),
        "online.days_ahead": (1, 180),
        "online.holds_per_address": (1, 200),
        "online.codes_per_phone": (1, 20),
        "online.codes_per_address": (1, 200),
        "online.code_minutes": (1, 30),
        "online.code_tries": (1, 10),
        "online.open_most": (1, 20),
        "online.own_per_hour": (1, 60),
        "online.consult_days": (1, 730),
        "online.moves_most": (0, 20),
    },
    ordered=(("reception.wait_amber", "reception.wait_red"),),
)
