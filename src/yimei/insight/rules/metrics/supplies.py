# ruff: noqa: E501
"""What is used up: products injected, with their lots."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP = Kind, Way.UP
HOUSE = "house default"

METRICS: tuple[Metric, ...] = (
    metric("K01", "injection_points", "注射点数", "Points injected", "已完成的实施图上的注射点", "points on finished maps", "stock_use", K.COUNT, "TRUE"),
    metric("K02", "injected_customers", "注射客户数", "Customers injected", "有注射点的客户", "customers with a point", "stock_use", K.PEOPLE, "TRUE", way=UP),
    metric("K03", "lot_complete", "批号齐全率", "Lots written", "写明批号 ÷ 注射点", "with a lot / points", "stock_use", K.SHARE, "has_lot", way=UP, target=1, source=HOUSE),
    metric("K04", "units_used", "用量（单位）", "Units used", "以单位计的用量之和", "sum of amounts in units", "stock_use", K.SUM, "CASE WHEN dose_unit = 'U' THEN amount ELSE 0 END", unit="U"),
    metric("K05", "millilitres_used", "用量（毫升）", "Millilitres used", "以毫升计的用量之和", "sum of amounts in millilitres", "stock_use", K.SUM, "CASE WHEN dose_unit = 'ml' THEN amount ELSE 0 END", unit="ml"),
)  # fmt: skip
