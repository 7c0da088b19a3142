# ruff: noqa: E501
"""Customers: how many come new, come back, stay away."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP, DOWN = Kind, Way.UP, Way.DOWN

METRICS: tuple[Metric, ...] = (
    metric("G01", "new_customers", "新客数", "New customers", "首次联系在期间内的客户", "customers first in contact", "customer", K.COUNT, "TRUE", way=UP),
    metric("G02", "registered_rate", "建档率", "Registered", "已建档 ÷ 新客", "registered / new", "customer", K.SHARE, "is_registered", way=UP),
    metric("G03", "referral_rate", "老带新率", "Referred", "首次来源为老带新 ÷ 新客", "first source a referral / new", "customer", K.SHARE, "source = 'referral'", way=UP),
    metric("G04", "new_visit_rate", "新客到诊率", "New customers who came", "到过诊 ÷ 新客", "ever arrived / new", "customer", K.SHARE, "visits > 0", way=UP),
    metric("G05", "new_buyer_rate", "新客成交率", "New customers who bought", "有成交 ÷ 新客", "ever bought / new", "customer", K.SHARE, "purchases > 0", way=UP),
    metric("G06", "repurchase_rate", "复购率", "Repurchase rate", "期间内成交 ≥ 2 次的客户 ÷ 有成交的客户", "customers with two or more orders / with any, in the period", "sale", K.PER_PERSON, "x >= 2", "x >= 1", inner="COUNT(*) FILTER (WHERE is_counted)", way=UP, target=0.35),
    metric("G07", "value_mean", "客户累计实收", "Money per buyer", "有成交客户累计实收的平均", "mean of all money kept, buyers", "customer", K.MEAN, "CAST(spent AS DOUBLE)", "purchases > 0", unit="¥", way=UP),
    metric("G08", "churn_rate", "流失率", "Churn", "末次到诊超过 180 天 ÷ 到过诊的客户（按首次联系日）", "last visit over 180 days ago / ever arrived (by first contact)", "customer", K.SHARE, "quiet_days > 180", "visits > 0", way=DOWN, source="house default"),
    metric("G09", "return_90", "90 天回访率", "Back within 90 days", "首次到诊后 90 天内再次到诊 ÷ 首次到诊", "arrived again within 90 days / first arrivals", "booking", K.SHARE, "COALESCE(next_days <= 90, FALSE)", "is_arrived AND visit_no = 1", way=UP, source="house default"),
    metric("G10", "revisit_days", "复访间隔", "Days between visits", "两次到诊相隔天数，中位数", "median days since the visit before", "booking", K.MEDIAN, "since_days", unit="d", way=DOWN),
    metric("G11", "repurchase_days", "复购间隔", "Days between orders", "两次成交相隔天数，中位数", "median days since the order before", "sale", K.MEDIAN, "since_days", unit="d", way=DOWN),
    metric("G12", "visits_per_customer", "客户平均到诊次数", "Visits per customer", "到过诊客户的到诊次数平均", "mean visits of those who ever arrived", "customer", K.MEAN, "visits", "visits > 0", unit="x", way=UP),
)  # fmt: skip
