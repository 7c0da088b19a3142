# ruff: noqa: E501
"""From the consultation to the sale."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP, DOWN = Kind, Way.UP, Way.DOWN

METRICS: tuple[Metric, ...] = (
    metric("B01", "consultations", "咨询人次", "Consultations", "现场咨询次数", "consultations held", "consultation", K.COUNT, "TRUE", way=UP),
    metric("B02", "consult_minutes", "平均咨询时长", "Minutes per consultation", "咨询开始至结束的平均", "mean minutes from start to end", "consultation", K.MEAN, "minutes", unit="min"),
    metric("B03", "win_rate", "成交率", "Win rate", "所属诊疗事件有留存款订单的咨询 ÷ 全部咨询", "consultations whose episode has an order with money kept / all", "consultation", K.SHARE, "is_won", way=UP, target=0.5),
    metric("B04", "win_rate_first", "初诊成交率", "Win rate, first visits", "同成交率，只计初诊", "the same, first visits only", "consultation", K.SHARE, "is_won", "visit_kind = 'first'", way=UP, target=0.28),
    metric("B05", "win_rate_return", "复诊成交率", "Win rate, other visits", "同成交率，初诊以外", "the same, all other visits", "consultation", K.SHARE, "is_won", "visit_kind <> 'first'", way=UP),
    metric("B06", "loss_rate", "未成交率", "Loss rate", "标为未成交的诊疗事件 ÷ 到过诊的", "episodes lost / arrived", "episode", K.SHARE, "is_lost", "is_arrived", way=DOWN),
    metric("B07", "losses", "未成交数", "Lost episodes", "标为未成交的诊疗事件", "episodes lost", "episode", K.COUNT, "is_lost", way=DOWN),
    metric("B08", "quotes", "报价数", "Quotes", "发出的报价", "quotes made", "quote", K.COUNT, "TRUE"),
    metric("B09", "quote_mean", "平均报价", "Mean quote", "报价金额的平均", "mean amount of a quote", "quote", K.MEAN, "CAST(amount AS DOUBLE)", unit="¥"),
    metric("B10", "quote_accept_rate", "报价接受率", "Quotes accepted", "客户已选 ÷ 全部报价", "accepted / all", "quote", K.SHARE, "is_accepted", way=UP),
    metric("B11", "discount_rate", "折扣率", "Discount", "（目录价 − 报价）÷ 目录价", "(list − quote) / list", "quote", K.RATIO, "SUM(CAST(list_amount - amount AS DOUBLE))", "SUM(CAST(list_amount AS DOUBLE))", unit="%", way=DOWN),
    metric("B12", "items_per_quote", "连带率", "Items per quote", "每份报价的项目数", "items / quotes", "quote", K.MEAN, "items", unit="x", way=UP),
    metric("B13", "decide_days", "客户决策天数", "Days to decide", "报价至答复的天数，中位数", "median days from quote to answer", "quote", K.MEDIAN, "decide_days", unit="d", way=DOWN),
    metric("B14", "episodes", "诊疗事件数", "Episodes", "新开的诊疗事件", "episodes opened", "episode", K.COUNT, "TRUE", way=UP),
    metric("B15", "episode_arrive_rate", "事件到诊率", "Episodes that arrive", "到过诊 ÷ 全部诊疗事件", "arrived / all episodes", "episode", K.SHARE, "is_arrived", way=UP),
    metric("B16", "operate_rate", "手术转化率", "Consulted to operated", "做过手术 ÷ 咨询过", "operated / consulted", "episode", K.SHARE, "is_operated", "is_consulted", way=UP),
    metric("B17", "days_to_consult", "到咨询天数", "Days to consultation", "登记至咨询的天数，中位数", "median days from opening to consultation", "episode", K.MEDIAN, "days_to_consult", unit="d", way=DOWN),
    metric("B18", "days_to_surgery", "到手术天数", "Days to surgery", "登记至手术的天数，中位数", "median days from opening to surgery", "episode", K.MEDIAN, "days_to_surgery", unit="d", way=DOWN),
    metric("B19", "step_hours", "步骤间隔", "Hours between steps", "相邻两步之间的小时数，中位数", "median hours since the step before", "step", K.MEDIAN, "hours", unit="h", way=DOWN),
)  # fmt: skip
