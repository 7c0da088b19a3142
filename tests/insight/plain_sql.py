# ruff: noqa: E501
"""Every figure of every ready page once more, as somebody would ask the records who never heard of the mart.

Plain SQL over the operational tables, one query a tile: keys first, the figure last. Only what differs between
the two databases (a local day, a length of time) is put in by name.
"""

from collections.abc import Mapping

POSTGRES = {
    "day": "CAST(({0} AT TIME ZONE 'Asia/Shanghai') AS date)",
    "month": "to_char({0} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')",
    "weekday": "CAST(EXTRACT(ISODOW FROM {0} AT TIME ZONE 'Asia/Shanghai') AS integer)",
    "hour": "CAST(EXTRACT(HOUR FROM {0} AT TIME ZONE 'Asia/Shanghai') AS integer)",
    "minute": "CAST(EXTRACT(MINUTE FROM {0} AT TIME ZONE 'Asia/Shanghai') AS integer)",
    "minutes": "(EXTRACT(EPOCH FROM ({1} - {0})) / 60.0)",
    "days": "({1} - {0})",
    "date": "DATE {0}",
    "month_of": "to_char({0}, 'YYYY-MM')",
    "days_after": "generate_series(CAST({0} AS date), CAST({1} AS date) - 1, interval '1 day')",
}
SQLITE = {
    "day": "date({0}, '+8 hours')",
    "month": "strftime('%Y-%m', {0}, '+8 hours')",
    "weekday": "((CAST(strftime('%w', {0}, '+8 hours') AS integer) + 6) % 7 + 1)",
    "hour": "CAST(strftime('%H', {0}, '+8 hours') AS integer)",
    "minute": "CAST(strftime('%M', {0}, '+8 hours') AS integer)",
    "minutes": "((julianday({1}) - julianday({0})) * 1440.0)",
    "days": "CAST(julianday({1}) - julianday({0}) AS integer)",
    "date": "{0}",
    "month_of": "substr({0}, 1, 7)",
}

KNOWN = """
known AS (SELECT id FROM people_patient WHERE restricted_at IS NULL AND id NOT IN (SELECT patient_id FROM people_canary)),
came AS (
    SELECT b.id, b.patient_id, b.starts_at, b.arrived_at, b.served_at, b.status, [day:b.starts_at] AS d
    FROM journey_booking b JOIN known k ON k.id = b.patient_id),
kept AS (
    SELECT o.id, o.patient_id, o.episode, o.status, o.amount, o.quote_id, [day:o.at] AS d, COALESCE(SUM(p.amount), 0) AS net
    FROM billing_order o JOIN known k ON k.id = o.patient_id LEFT JOIN billing_payment p ON p.order_id = o.id
    GROUP BY o.id, o.patient_id, o.episode, o.status, o.amount, o.quote_id, o.at),
won AS (SELECT * FROM kept WHERE status <> 'cancelled' AND net > 0),
dearest AS (
    SELECT quote_id, procedure_id FROM (
        SELECT quote_id, procedure_id, ROW_NUMBER() OVER (PARTITION BY quote_id ORDER BY price * quantity DESC, id) AS n
        FROM billing_quoteline) ranked WHERE n = 1),
paid AS (
    SELECT p.amount, p.method, [day:p.at] AS d, [month:p.at] AS month, c.source, h.category
    FROM billing_payment p JOIN billing_order o ON o.id = p.order_id JOIN known k ON k.id = o.patient_id
    JOIN people_patient c ON c.id = o.patient_id
    LEFT JOIN dearest x ON x.quote_id = o.quote_id LEFT JOIN hospital_procedure h ON h.id = x.procedure_id),
knife AS (
    SELECT s.*, c.patient_id, h.category, p.anaesthesia, [day:s.starts_at] AS d, [month:s.starts_at] AS month,
           [hour:s.entered_at] * 60 + [minute:s.entered_at] AS entered, [hour:s.left_at] * 60 + [minute:s.left_at] AS gone,
           (SELECT m.staff_id FROM journey_surgerymember m WHERE m.surgery_id = s.id AND m.part = 'surgeon' ORDER BY m.id LIMIT 1) AS surgeon,
           (SELECT COUNT(*) FROM journey_review r WHERE r.case_id = s.case_id AND r.at >= s.closure_at) AS rated,
           (SELECT COUNT(*) FROM journey_review r WHERE r.case_id = s.case_id AND r.at >= s.closure_at AND r.complication <> '0') AS bad
    FROM journey_surgery s JOIN journey_case c ON c.id = s.case_id JOIN known k ON k.id = c.patient_id
    JOIN journey_plan p ON p.id = s.plan_id JOIN hospital_procedure h ON h.id = p.procedure_id),
task AS (
    SELECT t.*, [day:t.due_at] AS d, [day:t.late_at] AS late
    FROM journey_aftercaretask t JOIN journey_case c ON c.id = t.case_id JOIN known k ON k.id = c.patient_id),
asked AS (
    SELECT s.*, h.category, [day:s.created_at] AS d, [month:s.created_at] AS month
    FROM journey_survey s JOIN journey_case c ON c.id = s.case_id JOIN known k ON k.id = c.patient_id
    JOIN hospital_procedure h ON h.id = c.procedure_id),
fresh AS (
    SELECT c.id, c.source, [day:c.created_at] AS d, [month:c.created_at] AS month,
           (SELECT COUNT(*) FROM came WHERE came.patient_id = c.id AND came.status IN ('arrived', 'served')) AS visits,
           (SELECT MAX(came.d) FROM came WHERE came.patient_id = c.id AND came.status IN ('arrived', 'served')) AS seen,
           (SELECT COUNT(*) FROM won WHERE won.patient_id = c.id) AS bought,
           (SELECT COALESCE(SUM(kept.net), 0) FROM kept WHERE kept.patient_id = c.id) AS spent
    FROM people_patient c JOIN known k ON k.id = c.id),
opened AS (
    SELECT r.id AS room_id, day.d FROM ([calendar]) day CROSS JOIN hospital_room r
    WHERE r.kind = 'or' AND day.d <= '{today}' AND day.d >= (SELECT MIN(d) FROM knife WHERE closure_at IS NOT NULL)
    AND day.d NOT IN (SELECT day FROM hospital_calendarday WHERE kind = 'holiday')),
used AS (
    SELECT o.room_id, o.d, COALESCE((SELECT SUM([minutes:s.entered_at,s.left_at]) FROM knife s WHERE s.room_id = o.room_id AND s.d = o.d), 0) AS minutes
    FROM opened o),
asks AS (
    SELECT l.*, [day:l.created_at] AS d FROM growth_lead l
    WHERE l.erased_at IS NULL AND (l.patient_id IS NULL OR l.patient_id IN (SELECT id FROM known))),
spans AS (
    SELECT c.account, c.amount, day.d, CAST(ROUND(ABS(c.amount) * 100) AS bigint) AS fen,
           [days:c.starts_on,day.d] + 1 AS k, [days:c.starts_on,c.ends_on] + 1 AS n
    FROM billing_cost c JOIN ([calendar]) day ON day.d BETWEEN c.starts_on AND c.ends_on),
ledger AS (
    SELECT account, d, [month_of:d] AS month,
           CASE WHEN amount < 0 THEN -0.01 ELSE 0.01 END * (fen * k / n - fen * (k - 1) / n) AS amount
    FROM spans),
ads AS (
    SELECT d, month, amount FROM ledger WHERE account = 'advertising'
    UNION ALL SELECT [date:'2026-05-02'], '2026-05', 500),
costs AS (
    SELECT d, month, account, amount FROM ledger
    UNION ALL SELECT [date:'2026-05-04'], '2026-05', 'rent', 9000)
"""
"""The constants are what the test brings in beside the ledger (``tests.insight.test_brought``): imports lie
sealed. The advertising on Douyin that is brought there is not among them: the ledger has that month."""
SPAN = "d >= '{a}' AND d < '{b}'"
HERE = "status IN ('arrived', 'served')"
NEW = "status <> 'linked'"
DUE = "d <= '{today}' AND status <> 'cancelled'"


def share(part: str, whole: str, table: str, by: str = "") -> str:
    ratio = f"SUM(CASE WHEN ({part}) AND ({whole}) THEN 1.0 ELSE 0 END) / NULLIF(SUM(CASE WHEN {whole} THEN 1 ELSE 0 END), 0)"
    return (
        f"SELECT {by + ', ' if by else ''}{ratio} FROM {table} WHERE {SPAN}{f' GROUP BY {by}' if by else ''}"
    )


def number(value: str, table: str, by: str = "", more: str = "") -> str:
    return f"SELECT {by + ', ' if by else ''}{value} FROM {table} WHERE {SPAN}{more}{f' GROUP BY {by}' if by else ''}"


def middle(values: str, by: str = "1") -> str:
    """The median of the column ``x``, without a function for it: the middle row, or the mean of the two."""
    ranked = f"SELECT {by} AS k, x, ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY x) AS n, COUNT(*) OVER (PARTITION BY {by}) AS c FROM ({values}) v"
    picks = "AVG(x)" if by == "1" else "k, AVG(x)"
    return f"SELECT {picks} FROM ({ranked}) r WHERE n IN ((c + 1) / 2, (c + 2) / 2) GROUP BY k"


COUNTED = "COALESCE(SUM(CASE WHEN {0} THEN 1 ELSE 0 END), 0)"
OPERATED = "closure_at IS NOT NULL"
CONSENTS = """(SELECT COUNT(*) FROM journey_consentform f WHERE f.plan_id = knife.plan_id AND f.voided_at IS NULL AND f.signed_at <= knife.incision_at
    AND f.kind = 'surgery') > 0 AND (anaesthesia NOT IN ('sedation', 'general') OR (SELECT COUNT(*) FROM journey_consentform f
    WHERE f.plan_id = knife.plan_id AND f.voided_at IS NULL AND f.signed_at <= knife.incision_at AND f.kind = 'anaesthesia') > 0)"""
CHECKS = "(SELECT COUNT(DISTINCT f.phase) FROM journey_checklistphase f WHERE f.surgery_id = knife.id AND f.completed_at IS NOT NULL) = 3"
CALLED = """(SELECT COUNT(*) FROM journey_aftercaretask t WHERE t.surgery_id = knife.id AND t.kind = 'call' AND t.status = 'done'
    AND [minutes:COALESCE(knife.discharged_at, knife.left_at),t.done_at] <= 2880) > 0"""
AGAIN = f"""(SELECT MIN([days:knife.d,s.d]) FROM knife s WHERE s.patient_id = knife.patient_id AND s.{OPERATED}
    AND (s.d > knife.d OR (s.d = knife.d AND s.id > knife.id))) <= 30"""
TURNS = f"""SELECT month, x FROM (SELECT month, d, entered - LAG(gone) OVER (PARTITION BY room_id, d
    ORDER BY CASE WHEN entered IS NULL THEN 1 ELSE 0 END, entered, id) AS x FROM knife) t WHERE {SPAN} AND x BETWEEN 0 AND 240"""
FIRST = f"""SELECT month, SUM(CASE WHEN [minutes:starts_at,entered_at] <= 15 THEN 1.0 ELSE 0 END) / COUNT(*) FROM (SELECT knife.*, ROW_NUMBER() OVER
    (PARTITION BY room_id, d ORDER BY entered, id) AS n FROM knife WHERE entered IS NOT NULL) t WHERE n = 1 AND {SPAN} GROUP BY month"""
WON = "EXISTS (SELECT 1 FROM won WHERE won.episode = c.public_id)"
TALKS = f"(SELECT [day:t.started_at] AS d, p.source, {WON} AS won FROM journey_consultation t JOIN journey_case c ON c.id = t.case_id JOIN known k ON k.id = c.patient_id JOIN people_patient p ON p.id = c.patient_id) talks"
BUYS = f"""SELECT SUM(CASE WHEN n >= 2 THEN 1.0 ELSE 0 END) / NULLIF(COUNT(*), 0) FROM
    (SELECT patient_id, COUNT(*) AS n FROM won WHERE {SPAN} GROUP BY patient_id) t"""
LATER = f"""SELECT SUM(CASE WHEN n >= 2 THEN net ELSE 0 END) * 1.0 / NULLIF(SUM(net), 0) FROM
    (SELECT d, net, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY d, id) AS n FROM won) t WHERE {SPAN}"""
QUOTED = """(SELECT [day:q.at] AS d, l.price * l.quantity AS price, l.list_price * l.quantity AS listed FROM billing_quote q
    JOIN known k ON k.id = q.patient_id JOIN billing_quoteline l ON l.quote_id = q.id) quoted"""
REVIEWED = """(SELECT r.goal_reached, h.category, [day:r.at] AS d FROM journey_review r JOIN journey_case c ON c.id = r.case_id
    JOIN known k ON k.id = c.patient_id JOIN hospital_procedure h ON h.id = c.procedure_id) reviewed"""
AWAY = """(SELECT t.id, [day:t.at] AS d FROM journey_turnaway t WHERE t.patient_id IS NULL OR t.patient_id IN (SELECT id FROM known)) away"""

FIGURES: Mapping[str, str] = {
    "bookings": number("COUNT(*)", "came"),
    "visits": number(COUNTED.format(HERE), "came"),
    "visits/month": number(COUNTED.format(HERE), "came", "[month:starts_at]"),
    "visits/weekday/hour": number(COUNTED.format(HERE), "came", "[weekday:starts_at], [hour:starts_at]"),
    "show_rate": share(HERE, DUE, "came"),
    "no_show_rate/source": share(
        "status = 'no_show'",
        DUE,
        "(SELECT came.*, p.source FROM came JOIN people_patient p ON p.id = came.patient_id) t",
        "source",
    ),
    "wait_median": middle(
        f"SELECT [minutes:arrived_at,served_at] AS x FROM came WHERE {SPAN} AND arrived_at IS NOT NULL AND served_at IS NOT NULL"
    ),
    "turned_away": number("COUNT(*)", AWAY),
    "win_rate": share("won", "1 = 1", TALKS),
    "win_rate/source": share("won", "1 = 1", TALKS, "source"),
    "operations/month": number(COUNTED.format(OPERATED), "knife", "month"),
    "operations/category": number(COUNTED.format(OPERATED), "knife", "category"),
    "operations/staff": number(COUNTED.format(OPERATED), "knife", "surgeon"),
    "or_utilisation": number("SUM(minutes) / (COUNT(*) * 540.0)", "used"),
    "or_utilisation/room": number("SUM(minutes) / (COUNT(*) * 540.0)", "used", "room_id"),
    "turnover_median/month": middle(TURNS, "month"),
    "first_case_on_time/month": FIRST,
    "overrun_rate": share(
        "[minutes:entered_at,left_at] > [minutes:starts_at,ends_at]",
        "entered_at IS NOT NULL AND left_at IS NOT NULL",
        "knife",
    ),
    "complication_rate": share("bad > 0", "rated > 0", "knife"),
    "complication_rate/category": share("bad > 0", "rated > 0", "knife", "category"),
    "consent_complete": share(CONSENTS, OPERATED, "knife"),
    "checklist_complete": share(CHECKS, OPERATED, "knife"),
    "called_48h": share(CALLED, OPERATED, "knife"),
    "reoperation_30": share(AGAIN, OPERATED, "knife"),
    "goal_reached/category": number("AVG(goal_reached * 1.0)", REVIEWED, "category"),
    "net_receipts": number("COALESCE(SUM(amount), 0)", "paid"),
    "net_receipts/month": number("SUM(amount)", "paid", "month"),
    "net_receipts/category": number("SUM(amount)", "paid", "category"),
    "net_receipts/method": number("SUM(amount)", "paid", "method"),
    "net_receipts/source": number("SUM(amount)", "paid", "source"),
    "refund_rate": number(
        "SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END) * 1.0 / NULLIF(SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END), 0)",
        "paid",
    ),
    "average_ticket": number("SUM(net) * 1.0 / NULLIF(COUNT(DISTINCT patient_id), 0)", "won"),
    "owing": number(
        "COALESCE(SUM(CASE WHEN status <> 'cancelled' AND amount > net THEN amount - net ELSE 0 END), 0)",
        "kept",
    ),
    "discount_rate": number("SUM(listed - price) * 1.0 / NULLIF(SUM(listed), 0)", QUOTED),
    "again_receipts_share": LATER,
    "churn_rate": share("[days:seen,'{today}'] > 180", "visits > 0", "fresh"),
    "new_customers": number("COUNT(*)", "fresh"),
    "new_customers/source": number("COUNT(*)", "fresh", "source"),
    "new_customers/month/source": number("COUNT(*)", "fresh", "month, source"),
    "new_visit_rate": share("visits > 0", "1 = 1", "fresh"),
    "new_buyer_rate": share("bought > 0", "1 = 1", "fresh"),
    "new_buyer_rate/source": share("bought > 0", "1 = 1", "fresh", "source"),
    "referral_rate": share("source = 'referral'", "1 = 1", "fresh"),
    "repurchase_rate": BUYS,
    "value_mean": number("AVG(spent * 1.0)", "fresh", more=" AND bought > 0"),
    "leads": number(COUNTED.format(NEW), "asks"),
    "first_response": middle(
        f"SELECT [minutes:created_at,first_response_at] AS x FROM asks WHERE {NEW} AND {SPAN} AND first_response_at IS NOT NULL"
    ),
    "lead_booked_rate/source": share("status = 'booked'", NEW, "asks", "source"),
    "acquisition_cost": f"""SELECT (SELECT SUM(amount) FROM ads WHERE month IN (SELECT month FROM fresh) AND {SPAN}) * 1.0 / NULLIF((SELECT COUNT(*) FROM fresh
        WHERE visits > 0 AND month IN (SELECT month FROM ads) AND {SPAN}), 0)""",
    "roi": f"""SELECT (SELECT SUM(spent) FROM fresh WHERE month IN (SELECT month FROM ads) AND {SPAN}) * 1.0
        / NULLIF((SELECT SUM(amount) FROM ads WHERE month IN (SELECT month FROM fresh) AND {SPAN}), 0) - 1""",
    "margin": f"""SELECT 1 - (SELECT SUM(amount) FROM costs WHERE month IN (SELECT month FROM paid) AND {SPAN}) * 1.0 / SUM(amount) FROM paid
        WHERE month IN (SELECT month FROM costs) AND {SPAN}""",
    "gross_margin": f"""SELECT 1 - (SELECT COALESCE(SUM(CASE WHEN account IN ('drug', 'material', 'device') THEN amount END), 0) FROM costs
        WHERE month IN (SELECT month FROM paid) AND {SPAN}) * 1.0 / SUM(amount) FROM paid WHERE month IN (SELECT month FROM costs) AND {SPAN}""",
    "ad_cost_share": f"""SELECT (SELECT COALESCE(SUM(CASE WHEN account = 'advertising' THEN amount END), 0) FROM costs
        WHERE month IN (SELECT month FROM paid) AND {SPAN}) * 1.0 / SUM(amount) FROM paid WHERE month IN (SELECT month FROM costs) AND {SPAN}""",
    "costs": number("SUM(amount)", "ledger"),
    "costs/account": number("SUM(amount)", "ledger", "account"),
    "score": number("AVG(score * 1.0)", "asked"),
    "score/month": number("AVG(score * 1.0)", "asked", "month"),
    "nps": number(
        "AVG(CASE WHEN score >= 9 THEN 100.0 WHEN score <= 6 THEN -100.0 WHEN score IS NOT NULL THEN 0.0 END)",
        "asked",
    ),
    "survey_rate": share("answered_at IS NOT NULL", "1 = 1", "asked"),
    "dissatisfied_rate/category": share("score <= 6", "answered_at IS NOT NULL", "asked", "category"),
    "tasks_in_time": share(
        "status = 'done' AND done_at <= late_at", "status <> 'cancelled' AND late < '{today}'", "task"
    ),
    "tasks_in_time/kind": share(
        "status = 'done' AND done_at <= late_at", "status <> 'cancelled' AND late < '{today}'", "task", "kind"
    ),
    "tasks_overdue": number(COUNTED.format("status = 'open' AND late < '{today}'"), "task"),
    "red_flag_rate/kind": share("has_red_flag", "status = 'done'", "task", "kind"),
}
