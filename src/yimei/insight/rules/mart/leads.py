"""Facts of those who asked: one row per lead and per contact, whether or not a customer came of it."""

from yimei.insight.rules.mart.tables import LEAD_KEY, Table, fact

LEADS: tuple[Table, ...] = (
    fact(
        "lead",
        "线索",
        "leads",
        ("每条线索一行", "one row per lead"),
        "growth.Lead",
        """
        lead BIGINT 线索代号 | lead | public_id, keyed
        staff INTEGER 归属人 | owner
        source VARCHAR 首次来源 | first source
        interest VARCHAR 意向部位 | interest
        status VARCHAR 状态 | status
        loss VARCHAR 流失原因 | reason of loss
        day DATE 咨询日 | asked on | created_at
        hour INTEGER 时刻 | hour | created_at
        response_minutes DOUBLE 首次回应分钟 | minutes to the first answer | first_response_at − created_at
        days_to_end DOUBLE 到结束天数 | days to the end | ended_at − created_at
        is_repeated BOOLEAN 并入已有线索 | repeated | status
        is_valid BOOLEAN 有效 | valid | not lost as an invalid number or as no business of the house
        is_answered BOOLEAN 已回应 | answered | first_response_at
        is_booked BOOLEAN 已预约 | booked | status
        is_lost BOOLEAN 已流失 | lost | status
        is_in_pool BOOLEAN 在公海 | in the pool | no owner, open
        """,
        key=LEAD_KEY,
    ),
    fact(
        "touch",
        "线索联系",
        "contacts with leads",
        ("每次联系一行", "one row per contact"),
        "growth.Touch",
        """
        lead BIGINT 线索代号 | lead | lead.public_id, keyed
        staff INTEGER 联系人 | staff | by
        source VARCHAR 来源 | source
        kind VARCHAR 方式 | kind
        outcome VARCHAR 结果 | outcome
        day DATE 日期 | day | at
        hour INTEGER 时刻 | hour | at
        is_from_person BOOLEAN 对方主动 | begun by the person | kind
        is_reached BOOLEAN 已沟通 | reached | outcome
        """,
        key=LEAD_KEY,
    ),
)
