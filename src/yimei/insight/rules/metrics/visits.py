# ruff: noqa: E501
"""Bookings, visits, waits, the waiting list and those turned away."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP, DOWN = Kind, Way.UP, Way.DOWN

METRICS: tuple[Metric, ...] = (
    metric("A01", "bookings", "预约数", "Bookings", "全部预约", "all bookings", "booking", K.COUNT, "TRUE", way=UP),
    metric("A02", "visits", "到诊人次", "Visits", "已到诊的预约", "bookings that arrived", "booking", K.COUNT, "is_arrived", way=UP),
    metric("A03", "visitors", "到诊客户数", "Visitors", "有到诊的客户", "customers who arrived", "booking", K.PEOPLE, "is_arrived", way=UP),
    metric("A04", "first_visits", "初诊人次", "First visits", "接诊类型为初诊的到诊", "arrivals of kind first", "booking", K.COUNT, "is_arrived AND visit_kind = 'first'", way=UP),
    metric("A05", "return_visits", "复诊人次", "Return visits", "接诊类型不是初诊的到诊", "arrivals of another kind than first", "booking", K.COUNT, "is_arrived AND visit_kind <> 'first'"),
    metric("A06", "show_rate", "到诊率", "Show rate", "到诊 ÷ 时间已到且未取消的预约", "arrived / due and not cancelled", "booking", K.SHARE, "is_arrived", "is_due", way=UP),
    metric("A07", "no_show_rate", "爽约率", "No-show rate", "爽约 ÷ 时间已到且未取消的预约", "no-shows / due and not cancelled", "booking", K.SHARE, "is_no_show", "is_due", way=DOWN),
    metric("A08", "cancel_rate", "取消率", "Cancellation rate", "取消 ÷ 全部预约", "cancelled / all", "booking", K.SHARE, "is_cancelled", way=DOWN),
    metric("A09", "late_cancel_rate", "当天取消率", "Same-day cancellation", "当天或之后取消 ÷ 全部预约", "cancelled on the day or later / all", "booking", K.SHARE, "is_late_cancel", way=DOWN),
    metric("A10", "lead_days", "平均提前预约天数", "Days booked ahead", "预约日 − 登记日的平均", "mean of day − booked on", "booking", K.MEAN, "lead_days", unit="d"),
    metric("A11", "wait_median", "候诊时间中位数", "Median wait", "到诊至接诊的分钟数，中位数", "median minutes from arrival to being served", "booking", K.MEDIAN, "wait_minutes", unit="min", way=DOWN),
    metric("A12", "wait_p90", "候诊时间九成位", "90th percentile of waits", "到诊至接诊的分钟数，九成位", "90th percentile of minutes from arrival to being served", "booking", K.P90, "wait_minutes", unit="min", way=DOWN, target=20),
    metric("A13", "wait_over_20", "候诊超 20 分钟比例", "Waits over 20 minutes", "候诊超 20 分钟 ÷ 已接诊", "waited over 20 minutes / served", "booking", K.SHARE, "wait_minutes > 20", "wait_minutes IS NOT NULL", way=DOWN),
    metric("A14", "late_arrival_rate", "迟到率", "Late arrivals", "迟到超 15 分钟 ÷ 到诊", "over 15 minutes late / arrived", "booking", K.SHARE, "late_minutes > 15", "is_arrived", way=DOWN),
    metric("A15", "booked_hours", "预约总时长", "Hours booked", "未取消预约的时长之和", "sum of minutes not cancelled", "booking", K.SUM, "CASE WHEN is_cancelled THEN 0 ELSE CAST(minutes AS DOUBLE) / 60 END", unit="h"),
    metric("A16", "served_rate", "接诊完成率", "Served rate", "已接诊 ÷ 到诊", "served / arrived", "booking", K.SHARE, "is_served", "is_arrived", way=UP),
    metric("A17", "acknowledged_rate", "到访确认率", "Acknowledged", "客户确认会来 ÷ 应到预约", "acknowledged by the customer / due", "booking", K.SHARE, "is_acknowledged", "is_due", way=UP),
    metric("A18", "visits_per_visitor", "人均到诊次数", "Visits per visitor", "到诊人次 ÷ 到诊客户数", "visits / visitors", "booking", K.RATIO, "COUNT(*) FILTER (WHERE is_arrived)", "COUNT(DISTINCT CASE WHEN is_arrived THEN customer END)", unit="x", way=UP),
    metric("A19", "turned_away", "未接待次数", "Turned away", "想约而未能约上", "requests turned away", "turn_away", K.COUNT, "TRUE", way=DOWN),
    metric("A20", "turned_away_full", "因约满未接待", "Turned away, full", "原因为时段已满", "of them because the time was full", "turn_away", K.COUNT, "reason = 'full'", way=DOWN),
    metric("A21", "wishes", "候补登记数", "Waiting-list entries", "候补登记", "wishes entered", "waiting", K.COUNT, "TRUE"),
    metric("A22", "wish_booked_rate", "候补约上率", "Waiting list booked", "约上 ÷ 已结束的候补", "booked / ended", "waiting", K.SHARE, "is_booked", "wait_days IS NOT NULL", way=UP),
    metric("A23", "wish_days", "候补天数中位数", "Median days on the list", "候补登记至结束的天数，中位数", "median days from entry to end", "waiting", K.MEDIAN, "wait_days", unit="d", way=DOWN),
)  # fmt: skip
