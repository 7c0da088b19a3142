"""Closed lists of words about personal information (PIPL 个人信息保护法); some have a module."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    """The seven legal bases of PIPL art. 13."""

    CONSENT = "consent", _("取得个人同意")
    CONTRACT = "contract", _("订立、履行合同或人力资源管理所必需")
    DUTY = "duty", _("履行法定职责或法定义务所必需")
    EMERGENCY = "emergency", _("突发公共卫生事件或紧急情况")
    NEWS = "news", _("公共利益的新闻报道、舆论监督")
    PUBLIC = "public", _("处理已合法公开的信息")
    OTHER = "other", _("法律、行政法规规定的其他情形")


class ConsentMode(models.TextChoices):
    GENERAL = "general", _("同意")
    SEPARATE = "separate", _("单独同意")
    WRITTEN = "written", _("书面同意")


class ConsentAct(models.TextChoices):
    """What a consent row records; a withdrawal is a new row (append-only)."""

    SHOWN = "shown", _("已告知未答复")
    GIVEN = "given", _("同意")
    REFUSED = "refused", _("拒绝")
    WITHDRAWN = "withdrawn", _("撤回")


class ConsentChannel(models.TextChoices):
    PAPER = "paper", _("纸质签署")
    TABLET = "tablet", _("平板签署")
    PORTAL = "portal", _("手机门户")
    PHONE = "phone", _("电话录音")
    SMS = "sms", _("短信回复")
    LINK = "link", _("退订链接")
    EMAIL = "email", _("邮件退订")
    IMPORT = "import", _("迁移")


class Audience(models.TextChoices):
    ADULT = "adult", _("成年人")
    MINOR = "minor", _("未成年人与监护人")
    STAFF = "staff", _("本院员工")


class Anchor(models.TextChoices):
    """The event from which a retention period runs."""

    CREATED = "created", _("自产生之日")
    LAST_VISIT = "last_visit", _("自最后一次就诊")
    LAST_DISCHARGE = "last_discharge", _("自最后一次出院")
    LAST_CONTACT = "last_contact", _("自最后一次联系")
    PURPOSE_MET = "purpose_met", _("自目的实现")
    LEFT = "left", _("自离职")


class AfterEnd(models.TextChoices):
    ERASE = "erase", _("删除")
    ANONYMISE = "anonymise", _("匿名化")


class Mark(models.TextChoices):
    """How far a rule's text was verified."""

    READ = "read", _("已核对原文")
    SECONDARY = "secondary", _("二手资料")
    UNVERIFIED = "unverified", _("未核实")


class Unit(models.TextChoices):
    DAYS = "days", _("天")
    MONTHS = "months", _("个月")
    HOURS = "hours", _("小时")
    HOUR = "hour", _("点")
    MESSAGES = "messages", _("条")
    MINUTES = "minutes", _("分钟")
    TIMES = "times", _("次")
    WORKDAYS = "workdays", _("个工作日")
    PERSONS = "persons", _("人")
    PERCENT = "percent", _("%")
    ROWS = "rows", _("行")
    WAN = "wan", _("万元")
    YUAN = "yuan", _("元")


class Profile(models.TextChoices):
    """A body of law that may apply to this hospital."""

    CN = "cn", _("中国")
    GDPR = "gdpr", _("GDPR（欧盟）")
    HIPAA = "hipaa", _("HIPAA（美国）")


class Trigger(models.TextChoices):
    """What makes an impact assessment necessary (PIPL 55)."""

    SENSITIVE = "sensitive", _("处理敏感个人信息")
    AUTOMATED = "automated", _("自动化决策")
    ENTRUST = "entrust", _("委托处理")
    SHARE = "share", _("向其他处理者提供")
    PUBLISH = "publish", _("公开个人信息")
    ABROAD = "abroad", _("向境外提供")
    MAJOR = "major", _("对个人权益有重大影响")
    NEW = "new", _("新增或实质变更的目的（院方规则：一律先评估）")


class PurposeStanding(models.TextChoices):
    """Whether anything is collected for a purpose now."""

    OFF = "off", _("停用")
    LIVE = "live", _("启用中")
    WAITS = "waits", _("启用中，等待签署评估")
    CLOSED = "closed", _("待签署，不收集")


class PurposeWord(models.TextChoices):
    """A step in the life of a purpose."""

    REGISTERED = "registered", _("登记")
    REWORDED = "reworded", _("改措辞")
    CHANGED = "changed", _("实质变更")
    ON = "on", _("启用")
    OFF = "off", _("停用")
    SIGNED = "signed", _("评估签署，可以收集")
    POSTPONED = "postponed", _("改签署期限")


class AssessmentState(models.TextChoices):
    DRAFT = "draft", _("编写中")
    SUBMITTED = "submitted", _("待批准")
    APPROVED = "approved", _("已批准")
    RETURNED = "returned", _("已退回")


class RoundKind(models.TextChoices):
    GENERAL = "general", _("个人信息保护合规审计")
    MINORS = "minors", _("未成年人个人信息合规审计")


class CheckResult(models.TextChoices):
    OPEN = "open", _("待评")
    OK = "ok", _("符合")
    PARTLY = "partly", _("部分符合")
    NO = "no", _("不符合")
    NA = "na", _("不适用")


class ProofState(models.TextChoices):
    """What a live control test found."""

    GOOD = "good", _("已验证")
    WARN = "warn", _("须留意")
    BAD = "bad", _("未通过")
    NONE = "none", _("尚无数据")


class Sensitivity(models.TextChoices):
    """How private a field is; the words of each model's PRIVACY."""

    PLAIN = "plain", _("一般")
    PERSONAL = "personal", _("个人信息")
    HEALTH = "health", _("敏感个人信息（医疗健康）")
    SECRET = "secret", _("密钥与凭据")


class ChipState(models.TextChoices):
    """Where one purpose stands with one person today."""

    GIVEN = "given", _("已同意")
    REFUSED = "refused", _("已拒绝")
    WITHDRAWN = "withdrawn", _("已撤回")
    OUTDATED = "outdated", _("告知已变更，须重新同意")
    EXPIRED = "expired", _("已过期")
    UNASKED = "unasked", _("未征求")
    STOPPED = "stopped", _("已限制处理，停止使用")


class RequestKind(models.TextChoices):
    """The rights of the person (PIPL 44–48, NDR 24)."""

    ACCESS = "access", _("查阅")
    COPY = "copy", _("复制与转移")
    CORRECT = "correct", _("更正、补充")
    DELETE = "delete", _("删除")
    RESTRICT = "restrict", _("限制处理")
    WITHDRAW = "withdraw", _("撤回同意")
    EXPLAIN = "explain", _("解释说明")
    CLOSE = "close", _("注销账号")
    COMPLAIN = "complain", _("投诉")


class Requester(models.TextChoices):
    SELF = "self", _("本人")
    GUARDIAN = "guardian", _("监护人")
    RELATIVE = "relative", _("已故患者的近亲属")
    AGENT = "agent", _("受托人")


class RequestChannel(models.TextChoices):
    DESK = "desk", _("现场")
    PHONE = "phone", _("电话")
    LETTER = "letter", _("信函")
    PORTAL = "portal", _("手机门户")


class RequestStatus(models.TextChoices):
    RECEIVED = "received", _("待核验身份")
    VERIFIED = "verified", _("待决定")
    DECIDED = "decided", _("待答复并执行")
    ANSWERED = "answered", _("已答复")
    UNPROVED = "unproved", _("身份未能核实")
    CANCELLED = "cancelled", _("本人撤销")
    OUTGROWN = "outgrown", _("本人成年，监护终止")


class IdentityMethod(models.TextChoices):
    """How somebody proved who she is; which ones suffice depends on what is asked for."""

    ID_CARD = "id_card", _("核对身份证件原件")
    CALL_BACK = "call_back", _("回拨登记电话并核对两项资料")
    GUARDIAN_PAPERS = "guardian", _("监护人证件与关系证明原件")
    KINSHIP_PAPERS = "kinship", _("死亡证明、亲属关系证明与本人证件原件")
    MANDATE = "mandate", _("受托人证件与委托书原件")
    CODE = "code", _("登记手机的验证码与出生日期")
    CODE_ID = "code_id", _("登记手机的验证码、出生日期与证件号后六位")


class Decision(models.TextChoices):
    GRANTED = "granted", _("同意")
    PARTLY = "partly", _("部分同意")
    REFUSED = "refused", _("不同意")


class Refusal(models.TextChoices):
    """Why a request is refused; the letter names the article."""

    NOT_YOURS = "not_yours", _("请求涉及他人的个人信息")
    EXCESSIVE = "excessive", _("请求次数明显超出合理范围")
    NOT_HELD = "not_held", _("本院不持有所请求的信息")
    ACCURATE = "accurate", _("核实后信息准确，无须更正")
    ARRANGED = "arranged", _("逝者生前另有安排")
    DISPUTE = "dispute", _("争议或调查尚未终结，须依法保全")


class Answer(models.TextChoices):
    """What happens to one holding when a person asks for deletion."""

    ERASE = "erase", _("立即删除")
    SEAL = "seal", _("封存至期满")
    KEEP = "keep", _("保留")
    HOLD = "hold", _("争议终结前只存储")


class OutcomeKind(models.TextChoices):
    """What became of one holding after a request."""

    ERASED = "erased", _("已删除")
    SEALED = "sealed", _("已封存")
    HELD = "held", _("暂缓，只存储")
    KEPT = "kept", _("保留")
    GIVEN = "given", _("已提供")
    CHANGED = "changed", _("已更正")
    STOPPED = "stopped", _("已停止")
    RUNNING = "running", _("办完为止")
    HANDLED = "handled", _("已处理")
    REFUSED = "refused", _("不同意")


class UnsealReason(models.TextChoices):
    """The only grounds on which sealed data are read (PIPL 47(2))."""

    DUTY = "duty", _("履行法定职责")
    CLAIM = "claim", _("法律主张或争议处理")
    REGULATOR = "regulator", _("监管机关依法调取")
    PERSON = "person", _("本人请求")
    EMERGENCY = "emergency", _("紧急救治")


class Capacity(models.TextChoices):
    """Who may agree, and on which ground (民法典 第十七条至第二十一条)."""

    ADULT = "adult", _("成年人，本人同意")
    GUARDIAN = "guardian", _("未成年人，监护人同意")
    MINOR = "minor", _("未成年人本人表示拒绝或撤回")


class ExceptionKind(models.TextChoices):
    """When a notice may be left out or come later (PIPL 18)."""

    SECRECY = "secrecy", _("法律、行政法规规定应当保密或者不需要告知")
    EMERGENCY = "emergency", _("紧急情况下无法及时告知，消除后补告")


class HoldKind(models.TextChoices):
    """Why nothing of a person may be deleted for now, whatever the periods say."""

    SEALING = "sealing", _("病历封存")
    PRESERVATION = "preserve", _("诉讼保全")
    COMPLAINT = "complaint", _("投诉处理中")
    INQUIRY = "inquiry", _("监管调查")


class HoldEnd(models.TextChoices):
    """Why a hold was lifted (医疗纠纷预防和处理条例 第二十四条)."""

    SETTLED = "settled", _("争议已经解决")
    LAPSED = "lapsed", _("封存满三年，没有提出解决争议的请求")
    ORDERED = "ordered", _("法院或机关解除")
    CLOSED = "closed", _("投诉或调查已办结")


class RecordKind(models.TextChoices):
    """Which record a correction stands beside; what was signed is never overwritten."""

    CHART = "chart", _("病历")
    SURGERY = "surgery", _("手术与麻醉记录")
    CONSENT = "consent", _("知情同意书")
    TEST = "test", _("检查与结果")
    PHOTO = "photo", _("诊疗影像")
    MONEY = "money", _("收费与票据")


NEVER_NECESSARY = (
    "abroad",
    "automated",
    "image.publicity",
    "image.teaching",
    "marketing",
    "research",
    "sharing.partner",
    "survey",
)
"""Purposes that may never be a condition of treatment (PIPL 16)."""
