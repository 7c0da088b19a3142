# ruff: noqa: E501
"""Receipts, refunds, orders; a refund is a negative amount."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Need, Way, metric

K, UP, DOWN, FIN = Kind, Way.UP, Way.DOWN, Need.FINANCE

METRICS: tuple[Metric, ...] = (
    metric("F01", "net_receipts", "实收净额", "Net receipts", "收款 − 退款", "payments − refunds", "payment", K.SUM, "amount", unit="¥", way=UP, need=FIN),
    metric("F02", "gross_receipts", "收款", "Payments", "收款金额之和", "sum of payments", "payment", K.SUM, "CASE WHEN amount > 0 THEN amount ELSE 0 END", unit="¥", way=UP, need=FIN),
    metric("F03", "refunds", "退款", "Refunds", "退款金额之和", "sum of refunds", "payment", K.SUM, "CASE WHEN amount < 0 THEN -amount ELSE 0 END", unit="¥", way=DOWN, need=FIN),
    metric("F04", "refund_rate", "退款率", "Refund rate", "退款 ÷ 收款", "refunds / payments", "payment", K.RATIO, "SUM(CASE WHEN amount < 0 THEN CAST(-amount AS DOUBLE) ELSE 0 END)", "SUM(CASE WHEN amount > 0 THEN CAST(amount AS DOUBLE) ELSE 0 END)", unit="%", way=DOWN, need=FIN),
    metric("F05", "deposits", "定金", "Deposits", "定金收款之和", "sum of deposits", "payment", K.SUM, "CASE WHEN kind = 'deposit' THEN amount ELSE 0 END", unit="¥", need=FIN),
    metric("F06", "orders", "成交单数", "Orders", "未取消且有留存款的订单", "orders that stand with money kept", "sale", K.COUNT, "is_counted", way=UP),
    metric("F07", "buyers", "成交客户数", "Buyers", "有成交的客户", "customers with such an order", "sale", K.PEOPLE, "is_counted", way=UP),
    metric("F08", "average_ticket", "客单价", "Average ticket", "成交订单实收 ÷ 成交客户数", "money kept / buyers", "sale", K.RATIO, "SUM(CASE WHEN is_counted THEN CAST(paid AS DOUBLE) ELSE 0 END)", "COUNT(DISTINCT CASE WHEN is_counted THEN customer END)", unit="¥", way=UP),
    metric("F09", "mean_fee", "平均费用", "Mean fee", "成交订单应收的平均", "mean amount of an order", "sale", K.MEAN, "CAST(amount AS DOUBLE)", "is_counted", unit="¥"),
    metric("F10", "owing", "欠款", "Owing", "应收 − 实收，未取消订单", "owed − kept, orders that stand", "sale", K.SUM, "owing", unit="¥", way=DOWN, need=FIN),
    metric("F11", "order_cancel_rate", "订单取消率", "Orders cancelled", "取消 ÷ 全部订单", "cancelled / all", "sale", K.SHARE, "status = 'cancelled'", way=DOWN),
    metric("F12", "again_receipts_share", "再消费占比", "Share of repeat buyers", "第二次及以后成交的实收 ÷ 全部成交实收", "kept of second and later orders / kept", "sale", K.RATIO, "SUM(CASE WHEN sale_no >= 2 THEN CAST(paid AS DOUBLE) ELSE 0 END)", "SUM(CASE WHEN is_counted THEN CAST(paid AS DOUBLE) ELSE 0 END)", unit="%", target=0.45),
    metric("F13", "surgical_share", "手术收入占比", "Surgical share", "手术项目实收 ÷ 实收", "net receipts of operations / net receipts", "payment", K.RATIO, "SUM(CASE WHEN grade > 0 THEN CAST(amount AS DOUBLE) ELSE 0 END)", "SUM(CAST(amount AS DOUBLE))", unit="%", need=FIN),
    metric("F14", "cash_share", "现金占比", "Cash share", "现金收款 ÷ 收款", "cash / payments", "payment", K.RATIO, "SUM(CASE WHEN amount > 0 AND method = 'cash' THEN CAST(amount AS DOUBLE) ELSE 0 END)", "SUM(CASE WHEN amount > 0 THEN CAST(amount AS DOUBLE) ELSE 0 END)", unit="%", need=FIN),
    metric("F15", "payments", "收款笔数", "Number of payments", "收款记录", "payments taken", "payment", K.COUNT, "amount > 0", need=FIN),
    metric("F16", "gross_margin", "毛利率", "Gross margin", "（实收 − 药品、耗材与设备）÷ 实收，只计收支都有的月份", "(receipts − drugs, materials and devices) / receipts, months with receipts and costs only", "profit", K.RATIO, "SUM(CASE WHEN has_costs THEN CAST(COALESCE(receipt, 0) - COALESCE(direct_cost, 0) AS DOUBLE) END)", "SUM(CASE WHEN has_costs THEN CAST(receipt AS DOUBLE) END)", unit="%", way=UP, need=FIN),
    metric("F17", "margin", "利润率", "Margin", "（实收 − 支出）÷ 实收，只计收支都有的月份", "(receipts − costs) / receipts, months with receipts and costs only", "profit", K.RATIO, "SUM(CASE WHEN has_costs THEN CAST(COALESCE(receipt, 0) - COALESCE(cost, 0) AS DOUBLE) END)", "SUM(CASE WHEN has_costs THEN CAST(receipt AS DOUBLE) END)", unit="%", way=UP, need=FIN),
    metric("F18", "ad_cost_share", "营销费用占比", "Marketing share of receipts", "广告类支出 ÷ 实收，只计收支都有的月份", "costs of advertising / receipts, months with receipts and costs only", "profit", K.RATIO, "SUM(CASE WHEN has_costs AND account = 'advertising' THEN CAST(cost AS DOUBLE) ELSE 0 END)", "SUM(CASE WHEN has_costs THEN CAST(receipt AS DOUBLE) END)", unit="%", way=DOWN, target=0.45, need=FIN),
    metric("F19", "costs", "本院支出", "Costs of the house", "登记的支出，按期间逐日平均", "costs entered in the ledger, spread over their days", "cost", K.SUM, "amount", unit="¥", way=DOWN, need=FIN),
    metric("F20", "staff_cost_share", "本院人力占比", "Staff share of costs", "人力支出 ÷ 登记的全部支出", "staff / all costs entered", "cost", K.RATIO, "SUM(CASE WHEN account = 'staff' THEN CAST(amount AS DOUBLE) ELSE 0 END)", "SUM(CAST(amount AS DOUBLE))", unit="%", need=FIN),
    metric("F21", "staff_hours", "人力工时", "Staff hours", "登记的人力支出中以小时计的数量", "hours entered with costs of staff", "cost", K.SUM, "CASE WHEN account = 'staff' AND unit = 'hour' THEN quantity ELSE 0 END", unit="h", need=FIN),
)  # fmt: skip
