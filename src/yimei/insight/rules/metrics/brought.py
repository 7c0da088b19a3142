# ruff: noqa: E501
"""Figures of tables that were brought: another system's customers and money, operating days, the market."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Need, Way, metric

K, UP, DOWN, FIN = Kind, Way.UP, Way.DOWN, Need.FINANCE

METRICS: tuple[Metric, ...] = (
    metric("I01", "ext_customers", "导入客户数", "Customers brought in", "导入的客户（去重）", "distinct customers brought in", "brought_customer", K.PEOPLE, "TRUE", way=UP),
    metric("I02", "ext_visits_mean", "导入客户平均到店", "Visits per customer brought in", "到店次数的平均", "mean of visits", "brought_customer", K.MEAN, "visits", unit="x", way=UP),
    metric("I03", "ext_spent_mean", "导入客户平均消费", "Money per customer brought in", "累计消费的平均", "mean of money spent", "brought_customer", K.MEAN, "CAST(amount AS DOUBLE)", unit="¥", way=UP, need=FIN),
    metric("I04", "ext_contactable", "同意联系率", "May be contacted", "同意联系 ÷ 已填写", "may be contacted / said", "brought_customer", K.SHARE, "may_contact", "may_contact IS NOT NULL", way=UP),
    metric("I05", "ext_receipts", "导入实收净额", "Receipts brought in", "导入的收入 − 退款", "income − refunds brought in", "brought_receipt", K.SUM, "net", unit="¥", way=UP, need=FIN),
    metric("I06", "ext_refund_rate", "导入退款率", "Refund rate brought in", "退款 ÷ 收入", "refunds / income", "brought_receipt", K.RATIO, "SUM(CASE WHEN account = 'refund' THEN CAST(-net AS DOUBLE) ELSE 0 END)", "SUM(CASE WHEN account = 'income' THEN CAST(net AS DOUBLE) ELSE 0 END)", unit="%", way=DOWN, need=FIN),
    metric("I07", "ext_receipt_mean", "导入平均每笔收入", "Mean income brought in", "每笔收入的平均", "mean of one income", "brought_receipt", K.MEAN, "CAST(net AS DOUBLE)", "account = 'income'", unit="¥", way=UP, need=FIN),
    metric("I08", "ext_costs", "导入支出", "Costs brought in", "导入的支出之和", "sum of expenses brought in", "brought_cost", K.SUM, "amount", unit="¥", way=DOWN, need=FIN),
    metric("I09", "ext_staff_share", "人力成本占比", "Staff share of costs", "人力支出 ÷ 全部导入支出", "staff / all costs brought in", "brought_cost", K.RATIO, "SUM(CASE WHEN account = 'staff' THEN CAST(amount AS DOUBLE) ELSE 0 END)", "SUM(CAST(amount AS DOUBLE))", unit="%", need=FIN),
    metric("I10", "ext_enquiries", "导入咨询数", "Enquiries brought in", "日报的咨询数之和", "sum of enquiries", "brought_day", K.SUM, "leads", way=UP),
    metric("I11", "ext_bookings", "导入预约数", "Bookings brought in", "日报的预约数之和", "sum of bookings", "brought_day", K.SUM, "bookings", way=UP),
    metric("I12", "ext_visits", "导入到诊数", "Visits brought in", "日报的到诊数之和", "sum of visits", "brought_day", K.SUM, "visits", way=UP),
    metric("I13", "ext_no_show_rate", "导入爽约率", "No-show rate brought in", "日报的爽约数 ÷ 预约数", "no-shows / bookings", "brought_day", K.RATIO, "SUM(CAST(no_shows AS DOUBLE))", "SUM(CAST(CASE WHEN no_shows IS NOT NULL THEN bookings END AS DOUBLE))", unit="%", way=DOWN),
    metric("I14", "ext_operations", "导入手术台数", "Operations brought in", "日报的手术台数之和", "sum of operations", "brought_day", K.SUM, "operations", way=UP),
    metric("I15", "ext_or_use", "导入手术室使用率", "Operating-room use brought in", "使用分钟 ÷ 开放分钟", "minutes used / open", "brought_day", K.RATIO, "SUM(used_minutes)", "SUM(CASE WHEN used_minutes IS NOT NULL THEN open_minutes END)", unit="%", way=UP),
    metric("I16", "ext_satisfaction", "导入满意度", "Satisfaction brought in", "日报满意度的平均（原量表）", "mean of satisfaction, on its own scale", "brought_day", K.MEAN, "satisfaction", way=UP),
    metric("I17", "ext_complaints", "导入投诉数", "Complaints brought in", "日报的投诉数之和", "sum of complaints", "brought_day", K.SUM, "complaints", way=DOWN),
    metric("I18", "ad_spend", "广告花费", "Ad spend", "导入的广告花费之和", "sum of ad spend brought in", "brought_market", K.SUM, "CASE WHEN kind = 'ad' THEN spend ELSE 0 END", unit="¥", among="kind = 'ad'"),
    metric("I19", "ad_views", "广告曝光", "Ad views", "导入的曝光之和", "sum of views", "brought_market", K.SUM, "CASE WHEN kind = 'ad' THEN views ELSE 0 END", way=UP, among="kind = 'ad'"),
    metric("I20", "ad_click_rate", "广告点击率", "Click rate", "点击 ÷ 曝光", "clicks / views", "brought_market", K.RATIO, "SUM(CASE WHEN kind = 'ad' THEN CAST(clicks AS DOUBLE) END)", "SUM(CASE WHEN kind = 'ad' AND clicks IS NOT NULL THEN CAST(views AS DOUBLE) END)", unit="%", way=UP, among="kind = 'ad'"),
    metric("I21", "ad_leads", "广告线索", "Ad leads", "导入的线索之和", "sum of leads", "brought_market", K.SUM, "CASE WHEN kind = 'ad' THEN leads ELSE 0 END", way=UP, among="kind = 'ad'"),
    metric("I22", "cost_per_lead", "线索成本", "Cost per lead", "花费 ÷ 线索", "spend / leads", "brought_market", K.RATIO, "SUM(CASE WHEN kind = 'ad' AND leads IS NOT NULL THEN CAST(spend AS DOUBLE) END)", "SUM(CASE WHEN kind = 'ad' THEN CAST(leads AS DOUBLE) END)", unit="¥", way=DOWN, among="kind = 'ad'"),
    metric("I23", "cost_per_deal", "广告成交成本", "Cost per deal", "花费 ÷ 成交数", "spend / deals", "brought_market", K.RATIO, "SUM(CASE WHEN kind = 'ad' AND deals IS NOT NULL THEN CAST(spend AS DOUBLE) END)", "SUM(CASE WHEN kind = 'ad' THEN CAST(deals AS DOUBLE) END)", unit="¥", way=DOWN, among="kind = 'ad'"),
    metric("I24", "trend_index_mean", "市场指数", "Market index", "导入的趋势指数的平均", "mean of the index brought in", "brought_market", K.MEAN, "trend_index", "kind = 'trend'", among="kind = 'trend'"),
    metric("I25", "competitor_price", "竞品价格中位数", "Competitors' price", "导入的竞品价格，中位数", "median of competitors' prices", "brought_market", K.MEDIAN, "CAST(price AS DOUBLE)", "kind = 'competitor'", unit="¥", among="kind = 'competitor'"),
)  # fmt: skip
