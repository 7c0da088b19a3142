# ruff: noqa: E501
"""Operating rooms and what becomes of operations."""

from yimei.insight.rules.metrics.metric import Kind, Metric, Way, metric

K, UP, DOWN = Kind, Way.UP, Way.DOWN
ROOM = "house default"

METRICS: tuple[Metric, ...] = (
    metric("C01", "operations", "手术台次", "Operations", "已完成的手术", "operations done", "surgery", K.COUNT, "is_done", way=UP),
    metric("C02", "or_utilisation", "手术室使用率", "Operating-room utilisation", "入室至离室分钟 ÷ 开放分钟（每间每日 540）", "minutes in the room / minutes open (540 a room and day)", "room_day", K.RATIO, "SUM(used_minutes)", "SUM(CAST(open_minutes AS DOUBLE))", unit="%", way=UP, source=ROOM),
    metric("C03", "cases_per_room_day", "每间日台次", "Operations per room and day", "台次 ÷ 手术间日", "operations / room days", "room_day", K.RATIO, "SUM(CAST(cases AS DOUBLE))", "COUNT(*)", unit="x", way=UP, source=ROOM),
    metric("C04", "first_case_on_time", "首台准时率", "First case on time", "首台入室不晚于计划 15 分钟 ÷ 首台", "entered within 15 minutes of plan / first cases", "surgery", K.SHARE, "delay_minutes <= 15", "is_first_case", way=UP),
    metric("C05", "turnover_median", "接台时间中位数", "Median turnover", "上一台离室至下一台入室，中位数（0–240 分钟）", "median minutes between two operations of a room (0–240)", "surgery", K.MEDIAN, "turnover_minutes", "turnover_minutes BETWEEN 0 AND 240", unit="min", way=DOWN),
    metric("C06", "surgery_cancel_rate", "手术取消率", "Operations cancelled", "取消 ÷ 全部排台", "cancelled / scheduled", "surgery", K.SHARE, "is_cancelled", way=DOWN),
    metric("C07", "start_delay", "平均开台延误", "Mean delay", "实际入室 − 计划开始", "entered − planned", "surgery", K.MEAN, "delay_minutes", unit="min", way=DOWN),
    metric("C08", "room_minutes", "平均占室时间", "Minutes in the room", "入室至离室", "entered to left", "surgery", K.MEAN, "room_minutes", unit="min"),
    metric("C09", "knife_minutes", "平均手术时间", "Minutes of operation", "切皮至缝合结束", "incision to closure", "surgery", K.MEAN, "knife_minutes", unit="min"),
    metric("C10", "overrun_rate", "超时率", "Overrun", "占室超过计划 ÷ 已离室", "longer than planned / left", "surgery", K.SHARE, "room_minutes > planned_minutes", "room_minutes IS NOT NULL", way=DOWN),
    metric("C11", "plan_error", "时长偏差", "Error of plan", "占室 − 计划的平均", "mean of minutes in the room − planned", "surgery", K.MEAN, "room_minutes - planned_minutes", unit="min"),
    metric("C12", "recovery_minutes", "平均恢复时间", "Minutes of recovery", "离室至离院", "left to discharged", "surgery", K.MEAN, "recovery_minutes", unit="min"),
    metric("C13", "blood_loss", "出血量中位数", "Median blood loss", "手术出血量，中位数", "median blood loss", "surgery", K.MEDIAN, "blood_loss_ml", unit="ml", way=DOWN),
    metric("C14", "general_share", "全身麻醉比例", "General anaesthesia", "全身麻醉 ÷ 已完成手术", "general / done", "surgery", K.SHARE, "anaesthesia = 'general'", "is_done"),
    metric("C15", "or_hours", "手术室占用小时", "Hours in theatre", "占室分钟之和", "sum of minutes in the room", "surgery", K.SUM, "CAST(room_minutes AS DOUBLE) / 60", unit="h"),
    metric("D01", "complication_rate", "并发症发生率", "Complication rate", "术后复查记有并发症 ÷ 已复查的手术", "with any complication / reviewed", "surgery", K.SHARE, "is_complicated", "is_rated", way=DOWN, target=0.02),
    metric("D02", "major_complication_rate", "重大并发症率", "Major complications", "Clavien-Dindo ≥ IIIa ÷ 已复查的手术", "Clavien-Dindo IIIa or worse / reviewed", "surgery", K.SHARE, "is_major", "is_rated", way=DOWN),
    metric("D03", "reoperation_30", "30 天再手术率", "Operated again in 30 days", "同一客户 30 天内再次手术 ÷ 已完成手术", "operated again within 30 days / done", "surgery", K.SHARE, "COALESCE(again_days <= 30, FALSE)", "is_done", way=DOWN),
    metric("D04", "consent_complete", "同意书齐全率", "Consents complete", "切皮前同意书齐全 ÷ 已完成手术", "all consents signed before incision / done", "surgery", K.SHARE, "is_consented", "is_done", way=UP, target=1),
    metric("D05", "checklist_complete", "核查齐全率", "Safety checks complete", "三步核查均签署 ÷ 已完成手术", "all three checks signed / done", "surgery", K.SHARE, "is_checked", "is_done", way=UP, target=1),
    metric("D06", "called_48h", "48 小时回访率", "Called within 48 hours", "离院 48 小时内完成电话回访 ÷ 已完成手术", "called within 48 h of going home / done", "surgery", K.SHARE, "is_called", "is_done", way=UP, target=1),
    metric("D07", "review_rate", "术后复查率", "Reviewed", "有复查的手术 ÷ 已完成手术", "reviewed / done", "surgery", K.SHARE, "is_rated", "is_done", way=UP),
    metric("D08", "reviews", "复查次数", "Reviews", "复查记录", "reviews recorded", "review", K.COUNT, "TRUE"),
    metric("D09", "goal_reached", "期望达成", "Goal reached", "复查时期望达成 0–10 的平均", "mean of goal reached, 0–10", "review", K.MEAN, "goal_reached", unit="", way=UP, bounds=(0, 10)),
    metric("D10", "goal_low_rate", "期望未达成率", "Goal missed", "期望达成 ≤ 5 ÷ 复查", "goal reached ≤ 5 / reviews", "review", K.SHARE, "goal_reached <= 5", way=DOWN),
    metric("D11", "complications", "并发症次数", "Complications", "记有并发症的复查", "reviews with a complication", "review", K.COUNT, "is_complicated", way=DOWN),
)  # fmt: skip
