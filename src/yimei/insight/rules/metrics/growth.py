# ruff: noqa: E501
"""From the first question to a customer: leads, contacts, what winning one costs and brings."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Need, Way, metric

K, UP, DOWN, FIN = Kind, Way.UP, Way.DOWN, Need.FINANCE
HOUSE = "house default"
NEW = "NOT is_repeated"
OURS = "NOT is_from_person"

METRICS: tuple[Metric, ...] = (
    metric("J01", "leads", "线索数", "Leads", "新线索，不含并入已有的", "leads, without repeated ones", "lead", K.COUNT, NEW, way=UP),
    metric("J02", "valid_lead_rate", "有效线索率", "Valid leads", "号码有效且属本院业务 ÷ 线索", "valid number and business of the house / leads", "lead", K.SHARE, "is_valid", NEW, way=UP),
    metric("J03", "first_response", "首响时间", "First response", "咨询至首次人工回应的分钟数，中位数", "median minutes to the first human answer", "lead", K.MEDIAN, "response_minutes", NEW, unit="min", way=DOWN),
    metric("J04", "response_in_5", "5 分钟首响率", "Answered in 5 minutes", "5 分钟内首次人工回应 ÷ 线索", "first human answer within 5 minutes / leads", "lead", K.SHARE, "COALESCE(response_minutes <= 5, FALSE)", NEW, way=UP, source=HOUSE),
    metric("J05", "unanswered_leads", "未回应线索", "Leads without an answer", "还没有人工回应的线索", "leads without a human answer", "lead", K.COUNT, f"{NEW} AND NOT is_answered", way=DOWN),
    metric("J06", "lead_booked_rate", "预约率", "Leads booked", "已预约 ÷ 线索", "booked / leads", "lead", K.SHARE, "is_booked", NEW, way=UP),
    metric("J07", "lead_visit_rate", "线索到院率", "Leads that came", "咨询当日起到过诊 ÷ 线索", "came on or after the day of asking / leads", "lead", K.SHARE, "is_visited", NEW, way=UP),
    metric("J08", "lead_buyer_rate", "线索成交率", "Leads that bought", "咨询当日起有成交 ÷ 线索", "bought on or after the day of asking / leads", "lead", K.SHARE, "is_buyer", NEW, way=UP),
    metric("J09", "lead_lost_rate", "线索流失率", "Leads lost", "已流失 ÷ 线索", "lost / leads", "lead", K.SHARE, "is_lost", NEW, way=DOWN),
    metric("J10", "repeated_lead_rate", "重复线索率", "Repeated leads", "并入已有 ÷ 全部线索", "repeated / all leads", "lead", K.SHARE, "is_repeated", way=DOWN),
    metric("J11", "pool_leads", "公海线索", "Leads in the pool", "无归属人且跟进中", "open and nobody's own", "lead", K.COUNT, "is_in_pool", way=DOWN),
    metric("J12", "lead_follow_days", "线索跟进天数", "Days of following up", "咨询至预约的天数，中位数", "median days from asking to booking", "lead", K.MEDIAN, "days_to_end", "is_booked", unit="d", way=DOWN),
    metric("J13", "touches", "线索联系次数", "Contacts with leads", "全部联系", "all contacts", "touch", K.COUNT, "TRUE"),
    metric("J14", "touches_per_lead", "每条线索联系次数", "Contacts per lead", "本院主动联系 ÷ 联系过的线索", "contacts begun by the house / leads so contacted", "touch", K.RATIO, f"COUNT(*) FILTER (WHERE {OURS})", f"COUNT(DISTINCT CASE WHEN {OURS} THEN lead END)", unit="x"),
    metric("J15", "reach_rate", "接通率", "Reached", "已沟通 ÷ 本院主动联系", "reached / contacts begun by the house", "touch", K.SHARE, "is_reached", OURS, way=UP),
    metric("J16", "wants_visit_rate", "邀约成功率", "Wants to come", "愿意到院 ÷ 本院主动联系", "wants to come / contacts begun by the house", "touch", K.SHARE, "outcome = 'wants_visit'", OURS, way=UP),
    metric("J17", "acquisition_cost", "获客成本", "Cost of a new customer", "广告花费 ÷ 首次联系在期间内且到过诊的客户（只计花费与新客都有的月份）", "ad spend / customers first in contact then who came (months with spend and new customers only)", "acquisition", K.RATIO, "SUM(CASE WHEN has_spend THEN CAST(spend AS DOUBLE) END)", "COUNT(DISTINCT CASE WHEN is_visited AND has_spend THEN customer END)", unit="¥", way=DOWN, target=800),
    metric("J18", "cost_per_buyer", "成交获客成本", "Cost of a new buyer", "广告花费 ÷ 首次联系在期间内且有成交的客户（只计花费与新客都有的月份）", "ad spend / customers first in contact then who bought (months with spend and new customers only)", "acquisition", K.RATIO, "SUM(CASE WHEN has_spend THEN CAST(spend AS DOUBLE) END)", "COUNT(DISTINCT CASE WHEN is_buyer AND has_spend THEN customer END)", unit="¥", way=DOWN),
    metric("J19", "roi", "投入产出（按实收）", "Return on spend, by receipts", "（同批新客累计实收 − 广告花费）÷ 广告花费；成本未分摊到客户，故按实收而非毛利", "(receipts of the same new customers − ad spend) / ad spend; by receipts, for no cost is known per customer", "acquisition", K.RATIO, "SUM(CASE WHEN has_spend THEN CAST(COALESCE(receipts, 0) - COALESCE(spend, 0) AS DOUBLE) END)", "SUM(CASE WHEN has_spend THEN CAST(spend AS DOUBLE) END)", unit="%", way=UP, need=FIN),
    metric("J20", "spend", "本院广告花费", "Advertising of the house", "登记的广告支出，按期间逐日平均", "advertising entered in the ledger, spread over its days", "spend", K.SUM, "amount", unit="¥"),
)  # fmt: skip
