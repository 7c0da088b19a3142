"""What growth keeps about people."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.growth.actions.calls import erase_calls
from yimei.growth.actions.coupons import erase_coupons
from yimei.growth.actions.credit import erase_words
from yimei.growth.actions.enquiries import forget_old
from yimei.growth.actions.erasing import erase_due, erase_leads, forget_again
from yimei.growth.actions.events_after import erase_due as erase_seats_due
from yimei.growth.actions.events_after import erase_seats
from yimei.growth.actions.events_after import forget_again as forget_seats_again
from yimei.growth.actions.feedback_erasing import erase_due as erase_words_due
from yimei.growth.actions.feedback_erasing import erase_feedback
from yimei.growth.actions.feedback_erasing import forget_again as forget_words_again
from yimei.growth.actions.members import erase_member
from yimei.growth.actions.profiles import forget
from yimei.growth.actions.referrals import erase_referrals
from yimei.growth.actions.story_stands import erase_stories
from yimei.growth.actions.story_stands import forget_again as forget_stories_again
from yimei.growth.enums.feedback import FeedbackKind
from yimei.growth.models import Coupon, Feedback, Lead, Member, PointEntry, Referral, Story, StoryStand
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.enums import Anchor, HoldKind


def contacts(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last contact about any lead of a customer."""
    rows = Lead.objects.filter(patient__in=patients, erased_at=None).order_by().values_list("patient")
    return {
        pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in rows.annotate(last=Max("last_touch_at")) if pk
    }


def joined(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last time that anything happened in a membership."""
    rows = Member.objects.filter(patient__in=patients)
    found = dict(rows.order_by().values_list("patient", "joined_at"))
    lines = PointEntry.objects.filter(member__patient__in=patients).order_by().values_list("member__patient")
    found |= dict(lines.annotate(last=Max("at")))
    return {pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in found.items()}


registry.holding(
    "growth.member",
    title="会员、积分与权益",
    categories=("会员号与等级", "积分的取得、使用、到期与扣回", "权益的发放与使用"),
    subjects=("入会的客户",),
    purpose_codes=("membership",),
    retention_code="member",
    recipients=("办理会员的前台、收银、客服与其现场咨询",),
    security=(
        "积分与权益只增不改，余额对不上的一行会被数据库拒绝",
        "等级只看消费，规则对所有人相同，有版本可查",
        "封存或限制处理的客户不出现在会员名单中",
    ),
    erase=erase_member,
    anchors=joined,
)


def last_coupons(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    rows = Coupon.objects.filter(patient__in=patients).order_by().values_list("patient")
    return {pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in rows.annotate(last=Max("issued_at"))}


registry.holding(
    "growth.coupon",
    title="优惠券",
    categories=("领取的优惠券与有效期", "使用、退回、转赠与作废的经过"),
    subjects=("领券的客户",),
    purpose_codes=("membership",),
    retention_code="member",
    recipients=("发券与核销的前台、收银、客服与其现场咨询",),
    security=(
        "券码随机，二维码带校验，过期的不能使用",
        "同一手机或证件的档案按一个人计",
        "发放、使用与预算只增不改，预算不会透支",
    ),
    erase=erase_coupons,
    anchors=last_coupons,
)
registry.holding(
    "growth.lead",
    title="咨询线索与跟进",
    categories=(
        "称呼、手机、微信号",
        "意向部位与来源",
        "每次联系的方式、结果与内容",
        "归属人、分配与回收的经过",
    ),
    subjects=("咨询者", "客户"),
    purpose_codes=("care.identity",),
    retention_code="lead",
    recipients=("线索的归属人与其主管",),
    security=(
        "每条线索一把密钥（AES-256-GCM 或 SM4-GCM），销毁密钥即删除",
        "手机以加密索引查重，不存明文",
        "公海中只显示掩码，查看完整号码留痕",
        "从未到院的，最后一次联系满二十四个月自动删除",
    ),
    erase=erase_leads,
    anchors=contacts,
)


def said(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last time that a customer said something."""
    rows = Feedback.objects.filter(patient__in=patients, erased_at=None).order_by().values_list("patient")
    return {
        pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in rows.annotate(last=Max("created_at")) if pk
    }


def complaints(patients: Collection[int]) -> Mapping[int, str]:
    """Whose complaint still waits for its answer: a dispute, and a flag on her page."""
    found = Feedback.objects.running().filter(kind=FeedbackKind.COMPLAINT, erased_at=None).order_by()
    hers = found.filter(Q(patient__in=patients) | Q(survey__case__patient__in=patients))
    numbers = hers.values_list("patient", "survey__case__patient")
    return {pk: str(HoldKind.COMPLAINT.label) for pair in numbers for pk in pair if pk is not None}


registry.holding(
    "growth.feedback",
    title="意见、投诉与平台评价",
    categories=(
        "意见的内容、评分与写明的称呼或平台昵称",
        "为收到答复而留下的电话",
        "处理经过、答复与结论",
    ),
    subjects=("客户", "扫码提意见的人", "在平台发表评价的人"),
    purpose_codes=("care.identity",),
    retention_code="feedback",
    recipients=("负责处理的员工与分派意见的主管",),
    security=(
        "每条意见一把密钥，销毁密钥即删除",
        "可以匿名；不要答复的不收称呼与电话",
        "来源地址只存散列，一天后清空",
        "列表中遮盖认得出个人的内容，打开原文留痕",
        "公开回复先检查，不得透露写评价的人是患者",
    ),
    erase=erase_feedback,
    anchors=said,
    disputes=complaints,
)
registry.holding(
    "growth.intake",
    title="导入的线索文件",
    categories=("文件原文（含没有收下的行）", "每行的结果与原因（不含内容）"),
    subjects=("咨询者",),
    purpose_codes=("care.identity",),
    retention_code="lead",
    recipients=("导入的主管",),
    security=(
        "每个文件一把密钥，七天后销毁，只留行号与原因",
        "其中任何一人的线索删除时，原文件立即销毁",
        "下载未收下的行留痕",
    ),
)
registry.holding(
    "growth.call",
    title="电话交换机的通话记录",
    categories=("对方号码", "方向、开始时间、时长与是否接通"),
    subjects=("来电与被叫的人",),
    purpose_codes=("care.identity",),
    retention_code="lead",
    recipients=("线索的归属人与其主管",),
    security=(
        "号码以本人的密钥加密；没有对上任何人的各有一把，期满销毁",
        "以加密索引对上线索与客户，不存明文",
        "线索或客户删除时，其通话记录的号码一并不可恢复",
    ),
    erase=erase_calls,
)
registry.holding(
    "growth.credit",
    title="业绩申诉与裁定",
    categories=("申诉与裁定的理由", "改判后的比例"),
    subjects=("客户", "本院员工"),
    purpose_codes=("money", "staff"),
    retention_code="lead",
    recipients=("申诉人、裁定的主管与这笔业绩的各方",),
    security=(
        "理由以客户的密钥加密，删除时一并删除，只留不含姓名的比例",
        "申诉与裁定只增不改，不能裁定自己的申诉",
    ),
    erase=erase_words,
)
registry.holding(
    "growth.event",
    title="活动报名与签到",
    categories=("称呼与手机", "是否同意活动后联系、是否愿收活动信息", "报名、候补、到场的时间"),
    subjects=("报名参加活动的人",),
    purpose_codes=("care.identity", "marketing"),
    retention_code="lead",
    recipients=("筹办活动与在门口签到的员工",),
    security=(
        "每个报名一把密钥，销毁密钥即删除",
        "三项同意各自勾选，只参加的人不成为线索",
        "门口的设备只存入场码与时间，不存姓名电话",
        "入场二维码里没有个人信息，地址不能猜出",
    ),
    erase=erase_seats,
)
registry.holding(
    "growth.reference",
    title="分群、标签、旅程与改进的设置",
    categories=("条件、标签名称与流程图、意见地点与改进措施（不含个人信息）",),
    retention_code="reference",
    security=("按角色与范围授权", "每次修改留存版本"),
)
registry.holding(
    "growth.profile",
    title="客户分类与偏好（画像）",
    categories=(
        "由到诊、线索、付款、评价得出的次数与日期，不含姓名与联系方式",
        "最近治疗的类别与日期",
        "员工打上的标签、所在的分群",
    ),
    subjects=("咨询者", "客户"),
    purpose_codes=("care.identity", "survey", "marketing", "automated"),
    retention_code="lead",
    recipients=("运营（只见人数）", "本院按岗位授权的服务人员"),
    security=(
        "生日只存加密索引，年龄只存年龄段",
        "只为营销而算的分层、累计消费与生日，不同意营销与推荐的人没有",
        "医疗健康字段只用于服务关怀，且须本人单独同意",
        "封存、限制处理或删除的人当即不在任何分群",
        "拒绝个性化推荐的人不进入营销分群",
    ),
    erase=forget,
)
registry.holding(
    "growth.flow",
    title="自动发送消息的经过",
    categories=("进入哪条旅程、走到哪一步、结果如何", "派给员工的任务"),
    subjects=("咨询者", "客户"),
    purpose_codes=("care.identity", "marketing"),
    retention_code="lead",
    recipients=("运营（只见汇总）", "任务的负责人"),
    security=("删除时与画像脱离，只留计数", "每步至多执行一次并留存结果"),
)


def brought(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last time that a code brought somebody, or that somebody came by one."""
    found: dict[int, date] = {}
    for field in ("referrer", "friend"):
        rows = Referral.objects.filter(**{f"{field}__in": patients}).order_by().values_list(field)
        for pk, at in rows.annotate(last=Max("tied_at")):
            found[pk] = max(found.get(pk, local_date(at)), local_date(at))
    return {pk: {Anchor.LAST_CONTACT: day} for pk, day in found.items()}


registry.holding(
    "growth.referral",
    title="老带新",
    categories=(
        "推荐码",
        "经谁的推荐码来咨询",
        "双方得到的感谢与收回",
        "疑点与核查结论",
        "提交时网络地址的当日标识",
    ),
    subjects=("参加推荐的会员", "被推荐的朋友"),
    purpose_codes=("membership",),
    retention_code="member",
    recipients=("办理会员的前台、收银、客服",),
    security=(
        "推荐码随机，加密保存，本人可随时停用",
        "推荐人只看到人数与自己得到的感谢，少于三人不显示；朋友同意后才显示掩码姓名，随时可撤回",
        "关系最多两层，感谢只给直接的推荐人与朋友本人，由数据库保证",
        "网络地址只存当日的密钥标识，核查或计入后即清除",
    ),
    erase=erase_referrals,
    anchors=brought,
)


def told(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last time that a customer agreed to a story."""
    rows = Story.objects.filter(patient__in=patients, erased_at=None).order_by().values_list("patient")
    return {
        pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in rows.annotate(last=Max("created_at")) if pk
    }


def standing_outside(patient: Patient, _now: datetime) -> Iterator[Missing]:
    """What hangs on a wall or lies in a folder comes down before anybody is told that it is deleted."""
    rows = StoryStand.objects.filter(
        version__story__patient__in=Patient.objects.files_of(patient).values("pk"), down_at=None
    ).exclude(kind__in=["album", "lesson"])
    for stand in rows.select_related("version__story"):
        what = _("客户故事还在「%(place)s %(where)s」，须先撤下并登记")
        yield Missing(
            what % {"place": stand.get_kind_display(), "where": stand.where},
            _("《个人信息保护法》第四十七条"),
            f"desk:story:{stand.version.story.public_id}",
        )


registry.holding(
    "growth.story",
    title="客户故事",
    categories=("本人写的经过、照片", "同意的用途、范围与期限", "放在哪里、何时撤下"),
    subjects=("愿意分享的客户",),
    purpose_codes=("story.share",),
    retention_code="story",
    recipients=("编写与审核的员工；本人同意时，面诊中的其他客户、参加院内培训的员工",),
    security=(
        "每个故事一把密钥（AES-256-GCM 或 SM4-GCM），销毁密钥即删除",
        "同意绑定到看过的这一版文字与照片，改一个字须重新同意",
        "照片先去除位置与设备信息、涂黑要遮的部分再保存，查看时打上查看人的姓名",
        "没有公开发布的去处：官网、平台、媒体一律拒绝",
        "撤回后系统内立即不可见，其余各处有撤下任务与时限，撤完即销毁",
    ),
    erase=erase_stories,
    anchors=told,
    pending=standing_outside,
)
registry.forgets(forget_again)
registry.forgets(forget_stories_again)
registry.forgets(forget_words_again)
registry.forgets(forget_seats_again)
for expire in (erase_due, forget_old, erase_words_due, erase_seats_due):
    registry.expires(expire)


@registry.counter("enquirers")
def people_who_only_asked() -> int:
    """How many persons are known by an enquiry alone; one number is one person."""
    rows = Lead.objects.filter(patient=None, duplicate_of=None, erased_at=None)
    return rows.count()
