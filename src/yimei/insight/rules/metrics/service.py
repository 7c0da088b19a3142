# ruff: noqa: E501
"""Aftercare, satisfaction and messages."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP, DOWN = Kind, Way.UP, Way.DOWN

METRICS: tuple[Metric, ...] = (
    metric("E01", "tasks_due", "到期关怀任务", "Aftercare tasks due", "已过期限且未取消的任务", "tasks past their limit, not cancelled", "aftercare", K.COUNT, "is_due"),
    metric("E02", "tasks_in_time", "关怀按时率", "Aftercare in time", "按时完成 ÷ 到期任务", "done in time / due", "aftercare", K.SHARE, "is_in_time", "is_due", way=UP, target=1),
    metric("E03", "tasks_overdue", "逾期未做", "Overdue tasks", "过期仍未做", "still open past their limit", "aftercare", K.COUNT, "is_overdue", way=DOWN),
    metric("E04", "red_flag_rate", "异常发现率", "Red flags", "发现异常 ÷ 已完成的任务", "found a red flag / done", "aftercare", K.SHARE, "has_red_flag", "is_done", way=DOWN),
    metric("E05", "survey_rate", "问卷回收率", "Survey response", "已回答 ÷ 发出", "answered / sent", "survey", K.SHARE, "is_answered", way=UP),
    metric("E06", "score", "推荐意愿", "Likelihood to recommend", "0–10 分的平均", "mean of 0–10", "survey", K.MEAN, "score", way=UP, bounds=(0, 10)),
    metric("E07", "nps", "净推荐值", "Net promoter score", "9–10 分占比 − 0–6 分占比", "share of 9–10 minus share of 0–6", "survey", K.MEAN, "CASE WHEN score >= 9 THEN 100.0 WHEN score <= 6 THEN -100.0 WHEN score IS NOT NULL THEN 0.0 END", way=UP, bounds=(-100, 100)),
    metric("E08", "satisfied_rate", "满意率", "Satisfied", "9–10 分 ÷ 已回答", "9–10 / answered", "survey", K.SHARE, "score >= 9", "is_answered", way=UP),
    metric("E09", "dissatisfied_rate", "不满意率", "Dissatisfied", "0–6 分 ÷ 已回答", "0–6 / answered", "survey", K.SHARE, "score <= 6", "is_answered", way=DOWN),
    metric("E10", "score_service", "接待与沟通评分", "Score of service", "1–5 分的平均", "mean of 1–5", "survey", K.MEAN, "service", way=UP, bounds=(1, 5)),
    metric("E11", "score_doctor", "医生说明评分", "Score of the doctor", "1–5 分的平均", "mean of 1–5", "survey", K.MEAN, "doctor", way=UP, bounds=(1, 5)),
    metric("E12", "score_comfort", "过程舒适评分", "Score of comfort", "1–5 分的平均", "mean of 1–5", "survey", K.MEAN, "comfort", way=UP, bounds=(1, 5)),
    metric("E13", "score_result", "效果评分", "Score of the result", "1–5 分的平均", "mean of 1–5", "survey", K.MEAN, "result", way=UP, bounds=(1, 5)),
    metric("E14", "score_care", "术后关怀评分", "Score of aftercare", "1–5 分的平均", "mean of 1–5", "survey", K.MEAN, "care", way=UP, bounds=(1, 5)),
    metric("H01", "messages_sent", "已发送消息", "Messages sent", "状态为已发送", "messages sent", "message", K.COUNT, "status = 'sent'"),
    metric("H02", "message_refused_rate", "拒发率", "Messages refused", "不得发送 ÷ 全部消息", "refused by rule / all", "message", K.SHARE, "verdict = 'refuse'"),
    metric("H03", "message_failed_rate", "发送失败率", "Messages failed", "失败或结果未知 ÷ 已尝试", "failed or unknown / attempted", "message", K.SHARE, "status IN ('failed', 'unknown')", "status IN ('sent', 'failed', 'unknown')", way=DOWN),
    metric("H04", "marketing_share", "营销消息占比", "Marketing share", "营销性质 ÷ 全部消息", "marketing / all", "message", K.SHARE, "message_class = 'marketing'"),
)  # fmt: skip
