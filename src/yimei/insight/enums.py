"""Closed lists of words of analysis."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BuildKind(models.TextChoices):
    FULL = "full", _("全量")
    INCREMENT = "increment", _("增量")


class Dimension(models.TextChoices):
    """What has versions in the mart."""

    CAMPUS = "campus", _("院区")
    ROOM = "room", _("房间")
    PROCEDURE = "procedure", _("项目")
    STAFF = "staff", _("人员")
    SOURCE = "source", _("首次来源")


class Chart(models.TextChoices):
    """How figures are drawn."""

    NUMBER = "number", _("数字")
    BAR = "bar", _("条形")
    LINE = "line", _("折线")
    PIE = "pie", _("饼图")
    HEAT = "heat", _("热力")
    SCATTER = "scatter", _("散点")
    HISTOGRAM = "histogram", _("直方")
    BOX = "box", _("箱线")
    CALENDAR = "calendar", _("日历")
    MAP = "map", _("省份图")
    FUNNEL = "funnel", _("漏斗")
    SANKEY = "sankey", _("流向")
    TABLE = "table", _("表格")


class TextEncoding(models.TextChoices):
    """How a text is written that does not tell by itself."""

    UTF8 = "utf-8", _("UTF-8")
    GBK = "gb18030", _("GBK（简体中文）")
    BIG5 = "cp950", _("Big5（繁体中文）")
    SHIFT_JIS = "cp932", _("Shift-JIS（日文）")
    EUC_KR = "cp949", _("EUC-KR（韩文）")


class DownloadPurpose(models.TextChoices):
    """What a download of figures is for; written into the log with it."""

    MEETING = "meeting", _("经营会议")
    QUALITY = "quality", _("质量改进")
    FINANCE = "finance", _("财务核对")
    REPORT = "report", _("监管或审计报告")


class ImportStatus(models.TextChoices):
    """How far a table that was brought has come."""

    RECEIVED = "received", _("待对列")
    CHECKING = "checking", _("试跑中")
    CHECKED = "checked", _("待导入")
    RUNNING = "running", _("导入中")
    DONE = "done", _("已导入")
    UNDONE = "undone", _("已撤销")


class DayOrder(models.TextChoices):
    """How 3/5/2024 is read."""

    DAY_FIRST = "dmy", _("日在前：3/5/2024 是 5 月 3 日")
    MONTH_FIRST = "mdy", _("月在前：3/5/2024 是 3 月 5 日")


class RowStatus(models.TextChoices):
    """What became of a row that did not fit."""

    WAITING = "waiting", _("待修改")
    MENDED = "mended", _("已修改入库")
    DISMISSED = "dismissed", _("不入库")


class Cadence(models.TextChoices):
    """How often a report is written."""

    MONTH = "month", _("每月")
    WEEK = "week", _("每周")


class ReportStatus(models.TextChoices):
    """How far a report has come; what is signed or issued never changes again."""

    DRAFT = "draft", _("草稿")
    SIGNED = "signed", _("已签发")
    ISSUED = "issued", _("自动生成，未经人工签发")


class BlockKind(models.TextChoices):
    """What stands on a page of a report."""

    NUMBERS = "numbers", _("指标一览")
    FIGURE = "figure", _("图或表")
    FINDINGS = "findings", _("变化说明")
    ADVICE = "advice", _("建议与依据")
    TEXT = "text", _("文字")


class ReportShape(models.TextChoices):
    """As which file a report leaves."""

    PDF = "pdf", "PDF"
    HTML = "html", "HTML"
    PPTX = "pptx", "PowerPoint"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"


class CheckKind(models.TextChoices):
    """What a rule of cleaning asks."""

    REQUIRED = "required", _("必填")
    RANGE = "range", _("范围")
    SET = "set", _("取值")
    PATTERN = "pattern", _("写法")
    ORDER = "order", _("两列比较")
    REFERENCE = "reference", _("对照名单")


class Severity(models.TextChoices):
    """What happens to a row that breaks a rule."""

    REJECT = "reject", _("不入库，等修改")
    FLAG = "flag", _("入库，列为疑点")


class DoubtKind(models.TextChoices):
    """Why a value is doubted."""

    RULE = "rule", _("不合规则")
    FAR = "far", _("离群")
    GROUP = "group", _("同类中离群")
    SEASON = "season", _("与同一星期几相比离群")


class DoubtStatus(models.TextChoices):
    """What became of a doubted value."""

    WAITING = "waiting", _("待判断")
    KEPT = "kept", _("保留")
    EXCLUDED = "excluded", _("排除")


class FillMethod(models.TextChoices):
    """By what an empty cell is filled, visibly."""

    MEDIAN = "median", _("中位数")
    GROUP = "group", _("同类的中位数")
    COMMON = "common", _("最常见的值")


class SourceType(models.TextChoices):
    """Where a table may be fetched from."""

    SHEET = "sheet", _("在线表格链接（Google 表格等）")
    POSTGRES = "postgres", _("PostgreSQL")
    MYSQL = "mysql", _("MySQL / MariaDB")
    OWN = "own", _("颐美自己的记录")
