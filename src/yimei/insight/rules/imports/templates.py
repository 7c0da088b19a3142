"""The four kinds of tables that may be taken in, as data: what each column means and which words it goes by.

A column that says who somebody is (``identifies``) is never kept: it gives a keyed number and stays in the
sealed file. Free text has no column, for nobody can say what it holds.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from yimei.insight.rules.words import Words


class Kind(StrEnum):
    """How a column is read."""

    TEXT = "text"
    DAY = "day"
    YEAR = "year"
    MONEY = "money"
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes_no"
    CODE = "code"
    PHONE = "phone"
    ID_NO = "id_no"
    FILE_NO = "file_no"
    NAME = "name"


KINDS: Mapping[Kind, Words] = {
    Kind.TEXT: Words("短文字", "short text"),
    Kind.DAY: Words("日期", "date"),
    Kind.YEAR: Words("日期，只保留年份", "date, of which only the year is kept"),
    Kind.MONEY: Words("金额（元）", "amount (yuan)"),
    Kind.NUMBER: Words("数字", "number"),
    Kind.WHOLE: Words("整数", "whole number"),
    Kind.YES_NO: Words("是或否", "yes or no"),
    Kind.CODE: Words("代码表", "one of a list"),
    Kind.PHONE: Words("电话", "phone"),
    Kind.ID_NO: Words("证件号", "identity number"),
    Kind.FILE_NO: Words("档案号", "file number"),
    Kind.NAME: Words("姓名", "name"),
}
IDENTIFYING = frozenset({Kind.PHONE, Kind.ID_NO, Kind.FILE_NO, Kind.NAME})
DAYS = frozenset({Kind.DAY, Kind.YEAR})
KEYS = (Kind.ID_NO, Kind.PHONE, Kind.FILE_NO)
"""By which of them somebody is the same person, the surest first; a name is nobody's alone."""


@dataclass(frozen=True)
class Column:
    """One column of a template."""

    name: str
    kind: Kind
    words: Words
    is_needed: bool = False
    also: tuple[str, ...] = ()
    codes: tuple[tuple[str, Words, tuple[str, ...]], ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    example: str = ""
    is_late: bool = False
    """Stands last, and came when rows had been taken in without it: those have no place for it."""

    @property
    def identifies(self) -> bool:
        return self.kind in IDENTIFYING

    @property
    def known(self) -> Mapping[str, str]:
        """Every plain spelling of a code."""
        return {
            spelling(word): code
            for code, words, others in self.codes
            for word in (code, words.zh, words.en, *others)
        }


@dataclass(frozen=True)
class Template:
    """One kind of table; of the ``either`` columns at least one must be filled in each row."""

    code: str
    words: Words
    about: Words
    columns: tuple[Column, ...]
    either: tuple[str, ...] = ()
    by_kind: Mapping[str, tuple[str, ...]] | None = None
    """Which columns a row of each ``kind`` must fill."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def spelling(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()


def coded(
    rows: Sequence[tuple[str, str, str, str]],
) -> tuple[tuple[str, Words, tuple[str, ...]], ...]:
    """Codes with their two names and their other spellings, apart by spaces; an underscore is a space."""
    return tuple(
        (code, Words(zh, en), tuple(one.replace("_", " ") for one in others.split()))
        for code, zh, en, others in rows
    )


def _column(
    name: str,
    kind: Kind,
    zh: str,
    en: str,
    also: str = "",
    *,
    needed: bool = False,
    codes: Sequence[tuple[str, str, str, str]] = (),
    low: int | None = None,
    high: int | None = None,
    example: str = "",
    late: bool = False,
) -> Column:
    return Column(
        name,
        kind,
        Words(zh, en),
        needed,
        tuple(also.split()),
        coded(codes),
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        example,
        late,
    )


K = Kind
UNSAID = "其他 其它 未知 不详 未说明 未登记 not_recorded other unknown u x"
SEXES = (
    ("female", "女", "female", "f 女性 女士"),
    ("male", "男", "male", "m 男性 先生"),
    ("other", "其他或未知", "other or unknown", UNSAID),
)
SOURCES = (
    ("douyin", "抖音", "Douyin", "抖音短视频 tiktok"),
    ("xiaohongshu", "小红书", "Xiaohongshu", "red 红书"),
    ("meituan", "美团", "Meituan", "大众点评 点评"),
    ("soyoung", "新氧", "SoYoung", ""),
    ("gengmei", "更美", "Gengmei", ""),
    ("baidu", "百度", "Baidu", "百度竞价 sem"),
    ("wechat", "微信", "WeChat", "公众号 视频号 企微 朋友圈"),
    ("website", "官网", "website", "网站"),
    ("phone", "电话", "telephone", "来电"),
    ("walk_in", "自然到店", "walk-in", "自然到诊 路过 上门 walked_in"),
    ("referral", "老带新", "referral", "转介绍 朋友介绍 referred_by_a_customer"),
    ("partner", "渠道合作", "partner", "异业 渠道 channel"),
    ("platform", "医美平台", "platform", "医美app 平台 cosmetic-medicine_platform"),
    ("event", "活动", "event", "沙龙 义诊 展会 市场活动 activity"),
    ("other", "其他", "other", "其它"),
)
METHODS = (
    ("cash", "现金", "cash", ""),
    ("wechat", "微信支付", "WeChat Pay", "微信"),
    ("alipay", "支付宝", "Alipay", ""),
    ("card", "银行卡", "card", "刷卡 pos bank_card"),
    ("transfer", "转账", "transfer", "对公 汇款 bank_transfer"),
    ("prepaid", "储值", "prepaid", "卡扣 余额"),
    ("instalment", "分期", "instalment", "医美分期"),
    ("other", "其他", "other", "其它"),
)
ACCOUNTS = (
    ("income", "收入", "income", "营收 收款"),
    ("refund", "退款", "refund", "退费"),
    ("drug", "药品", "drugs", "药费"),
    ("material", "耗材", "materials", "材料 假体"),
    ("device", "设备", "devices", "折旧"),
    ("staff", "人力", "staff", "工资 薪酬 提成"),
    ("rent", "房租", "rent", "租金 水电"),
    ("advertising", "广告", "advertising", "推广 营销"),
    ("other", "其他", "other", "其它"),
)
MARKET_KINDS = (
    ("trend", "趋势", "trend", "市场趋势 指数"),
    ("competitor", "竞品", "competitor", "竞争对手 竞对"),
    ("ad", "广告", "ad", "广告效果 投放"),
)
DAY_WORDS = "时间 日 发生日期 date day"

PATIENT = Template(
    "patient",
    Words("患者", "Patients"),
    Words(
        "每位客户一行：从旧系统或表格带来的来源、首次到店与消费。",
        "One row per customer: source, first visit and spending, from an old system or a sheet.",
    ),
    (
        _column(
            "file_no", K.FILE_NO, "档案号", "File number", "病历号 患者编号 客户编号 会员号 客户号 patientid",
            example="A0001",
        ),
        _column("name", K.NAME, "姓名", "Name", "客户姓名 患者姓名 客户 顾客 称呼"),
        _column("phone", K.PHONE, "手机号", "Phone", "电话 手机 联系电话 手机号码 联系方式 tel mobile"),
        _column("id_no", K.ID_NO, "证件号", "Identity number", "身份证 身份证号 身份证号码 证件号码"),
        _column("sex", K.CODE, "性别", "Sex", "gender", codes=SEXES, example="女"),
        _column(
            "birth_year", K.YEAR, "出生日期", "Date of birth", "生日 出生年月 birthday", example="1995-06-01",
        ),
        _column(
            "source", K.CODE, "首次来源", "First source", "来源 渠道 来源渠道 channel",
            codes=SOURCES, example="抖音",
        ),
        _column("city", K.TEXT, "城市", "City", "所在城市 地区 city", example="杭州"),
        _column(
            "day", K.DAY, "首次到店日", "First visit",
            "首次到店 首诊日期 初诊日期 建档日期 登记日期 注册日期 visitdate",
            needed=True, example="2024-03-05",
        ),
        _column("last_day", K.DAY, "最近到店日", "Last visit", "最近到店 最近消费日期 末次到店 最后到店"),
        _column(
            "visits", K.WHOLE, "到店次数", "Visits", "到院次数 来院次数 次数",
            low=0, high=10_000, example="3",
        ),
        _column(
            "amount", K.MONEY, "累计消费", "Total spent",
            "消费金额 累计金额 总消费 消费总额 实付", low=-10_000_000, high=100_000_000, example="12800.00",
        ),
        _column("tier", K.TEXT, "会员等级", "Tier", "等级 会员级别 vip", example="金卡"),
        _column("may_contact", K.YES_NO, "同意联系", "May be contacted", "可联系 是否可联系 同意营销"),
        _column(
            "age", K.WHOLE, "到店时年龄", "Age at the first visit", "年龄 岁数 就诊年龄 age",
            low=0, high=120, example="31", late=True,
        ),
        _column("campus", K.TEXT, "院区", "Campus", "门店 机构 分院 医院", example="总院", late=True),
    ),
    either=("id_no", "phone", "file_no"),
)  # fmt: skip
FINANCE = Template(
    "finance",
    Words("财务", "Finance"),
    Words("每笔收入、退款或支出一行。", "One row per income, refund or expense."),
    (
        _column(
            "day", K.DAY, "日期", "Date", f"{DAY_WORDS} 收款日期 交易日期 记账日期",
            needed=True, example="2024-03-05",
        ),
        _column("campus", K.TEXT, "院区", "Campus", "门店 机构 分院 医院", example="总院"),
        _column(
            "account", K.CODE, "类别", "Account", "科目 类型 收支类型", needed=True,
            codes=ACCOUNTS, example="收入",
        ),
        _column("procedure", K.TEXT, "项目", "Procedure", "项目名称 品项 治疗项目 产品", example="双眼皮"),
        _column(
            "amount", K.MONEY, "金额", "Amount",
            "实收 实收金额 应收 收款金额 支出金额 价格 money", needed=True,
            low=-10_000_000, high=100_000_000, example="12800.00",
        ),
        _column("quantity", K.NUMBER, "数量", "Quantity", "数目 次数", low=0, high=1_000_000, example="1"),
        _column(
            "method", K.CODE, "支付方式", "Method", "付款方式 收款方式 支付",
            codes=METHODS, example="微信支付",
        ),
        _column("file_no", K.FILE_NO, "客户档案号", "Customer's file number", "档案号 病历号 客户编号"),
        _column("phone", K.PHONE, "客户手机号", "Customer's phone", "手机号 电话 手机 联系电话"),
        _column("name", K.NAME, "客户姓名", "Customer's name", "姓名 客户"),
    ),
)  # fmt: skip
OPERATIONS = Template(
    "operations",
    Words("运营", "Operations"),
    Words(
        "每天、每院区（或科室、房间）一行的运营数。",
        "One row per day and campus (or department, or room) of operating figures.",
    ),
    (
        _column("day", K.DAY, "日期", "Date", DAY_WORDS, needed=True, example="2024-03-05"),
        _column("campus", K.TEXT, "院区", "Campus", "门店 机构 分院 医院", example="总院"),
        _column("department", K.TEXT, "科室", "Department", "部门", example="外科"),
        _column("room", K.TEXT, "房间", "Room", "手术间 诊室", example="OR1"),
        _column("leads", K.WHOLE, "咨询数", "Enquiries", "咨询量 线索 线索数", low=0, high=1_000_000),
        _column(
            "bookings", K.WHOLE, "预约数", "Bookings", "预约 预约量", low=0, high=1_000_000, example="42",
        ),
        _column(
            "visits", K.WHOLE, "到诊数", "Visits", "到店数 到院数 到诊 到店",
            low=0, high=1_000_000, example="36",
        ),
        _column("no_shows", K.WHOLE, "爽约数", "No-shows", "爽约 未到", low=0, high=1_000_000, example="3"),
        _column("cancels", K.WHOLE, "取消数", "Cancellations", "取消", low=0, high=1_000_000),
        _column(
            "operations", K.WHOLE, "手术台数", "Operations", "手术量 手术数 台数",
            low=0, high=10_000, example="8",
        ),
        _column(
            "open_minutes", K.NUMBER, "开放分钟", "Minutes open", "开放时长",
            low=0, high=1_000_000, example="540",
        ),
        _column(
            "used_minutes", K.NUMBER, "使用分钟", "Minutes used", "占用分钟 手术时长",
            low=0, high=1_000_000, example="410",
        ),
        _column(
            "wait_minutes", K.NUMBER, "平均候诊分钟", "Mean wait", "候诊时间 等待时间 候诊分钟",
            low=0, high=1440,
        ),
        _column(
            "satisfaction", K.NUMBER, "满意度", "Satisfaction", "满意度评分 评分",
            low=0, high=100, example="4.7",
        ),
        _column("complaints", K.WHOLE, "投诉数", "Complaints", "投诉", low=0, high=100_000),
        _column("staff", K.NUMBER, "在岗人数", "Staff on duty", "人数 员工数", low=0, high=100_000),
    ),
)  # fmt: skip
MARKET = Template(
    "market",
    Words("市场", "Market"),
    Words(
        "每行一条：趋势（指数）、竞品（价格）或广告效果（花费、曝光、线索）。",
        "One row each: a trend (index), a competitor (price) or the effect of an ad (spend, views, leads).",
    ),
    (
        _column(
            "kind", K.CODE, "类型", "Kind", "类别 数据类型", needed=True, codes=MARKET_KINDS, example="广告",
        ),
        _column(
            "day", K.DAY, "日期", "Date", f"{DAY_WORDS} 投放日期 采集日期", needed=True, example="2024-03-05",
        ),
        _column(
            "channel", K.CODE, "渠道", "Channel", "平台 来源 媒体 channel", codes=SOURCES, example="抖音",
        ),
        _column(
            "campaign", K.TEXT, "广告计划", "Campaign", "计划 活动 投放计划 计划名称", example="三月眼部",
        ),
        _column("topic", K.TEXT, "项目或关键词", "Topic", "关键词 项目 品项 词", example="双眼皮"),
        _column("city", K.TEXT, "城市", "City", "地区 city", example="杭州"),
        _column("competitor", K.TEXT, "竞品机构", "Competitor", "竞品 机构 竞争机构 竞争对手"),
        _column(
            "price", K.MONEY, "竞品价格", "Competitor's price", "价格 售价 竞品价", low=0, high=10_000_000,
        ),
        _column("index", K.NUMBER, "指数", "Index", "搜索指数 热度 指数值", low=0),
        _column(
            "spend", K.MONEY, "花费", "Spend",
            "消费 消耗 费用 投放金额 广告费 cost", low=0, high=100_000_000, example="1200.50",
        ),
        _column("views", K.WHOLE, "曝光", "Views", "展现 曝光量 展现量 impressions", low=0, example="53000"),
        _column("clicks", K.WHOLE, "点击", "Clicks", "点击量 点击数 clicks", low=0, example="810"),
        _column("leads", K.WHOLE, "线索", "Leads", "线索数 留资 咨询数 leads", low=0, example="24"),
        _column("deals", K.WHOLE, "成交数", "Deals", "成交 成交量 conversions", low=0, example="5"),
        _column("campus", K.TEXT, "院区", "Campus", "门店 分院 本院", example="总院", late=True),
    ),
    by_kind={"trend": ("topic", "index"), "competitor": ("competitor", "price"), "ad": ("channel", "spend")},
)  # fmt: skip
TEMPLATES: Mapping[str, Template] = {one.code: one for one in (PATIENT, FINANCE, OPERATIONS, MARKET)}
