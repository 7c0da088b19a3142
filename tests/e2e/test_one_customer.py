"""One customer, all the way, on the screen: the right person at each step, gates refused and mended."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, TABLET, House, Person
from tests.factories.people import PASSWORD, DutyFactory
from tests.stories.hospital import DAY, HOUR, TEN, Customer, Hospital
from yimei.hospital.models import Campus
from yimei.journey.enums import CaseStage, Phase
from yimei.journey.models import Case, ConsentForm, Surgery
from yimei.journey.rules import checklist
from yimei.outbox.models import Message
from yimei.people.models import Patient, Staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.first,
    pytest.mark.slow(reason="walks the whole way in a real browser, with a picture of every page"),
]
NAME, PHONE_NO, BIRTHDAY = "苏婉𠮷", "12900000088", "19950308"
VISIT = TEN + HOUR
KNIFE = TEN + 2 * DAY
ALL = (DESK, TABLET, PHONE)


@pytest.fixture
def at(house: House) -> Hospital:
    """The hospital, with duty on the day of the operation, and a neighbour on the board."""
    hospital = Hospital()
    Campus.objects.filter(pk=hospital.campus.pk).update(name="颐美杭州院区")
    team = (hospital.surgeon, hospital.anaesthetist, hospital.nurse, hospital.assistant)
    for staff in team:
        DutyFactory(staff=staff, starts_at=KNIFE - HOUR, ends_at=KNIFE + 8 * HOUR)
    return hospital


class Story:
    """The steps of one customer; each is one person's work at the screen."""

    def __init__(self, house: House, at: Hospital) -> None:
        self.house, self.at, self.clock = house, at, house.clock

    def by(self, staff: Staff) -> Person:
        return self.house.person(staff)

    @property
    def patient(self) -> Patient:
        return self.case.patient

    @property
    def case(self) -> Case:
        return Case.objects.select_related("patient").latest("pk")

    @property
    def id(self) -> object:
        return self.case.public_id

    @property
    def surgery(self) -> Surgery:
        return Surgery.objects.get(case=self.case)

    # ---- the phone and the door ------------------------------------------------------------------

    def call(self) -> None:
        desk = self.by(self.at.online).open("booking-new")
        desk.fill(phone=PHONE_NO, name=NAME, source="phone").sees("没有找到，将登记为新客户。")
        desk.pick("procedure", "切开重睑").fill(
            day="6.16", note="下班后来电，想自然一点"
        ).page.keyboard.press("Tab")
        desk.page.get_by_role("radiogroup", name="周蕾").get_by_role("radio", name="11:00").check()
        desk.look("电话预约", *ALL)
        desk.press("登记预约").told("已登记预约。")

    def confirm(self) -> None:
        desk = self.by(self.at.online)
        desk.press("确认预约").told("已确认预约").look("预约已确认")

    def arrive(self) -> None:
        desk = self.by(self.at.reception).open("reception")
        line = desk.page.locator(".task", has_text="苏**")
        desk.look("接待", DESK, PHONE)
        desk.press("登记到诊", within=line).sees("客户还没有建档").look("先建档")
        desk.follow("去建档").fill(phone=PHONE_NO, birth_date=BIRTHDAY, sex="F").look("建档")
        desk.press("建档并取得档案号")
        line = desk.page.locator(".task", has_text="苏**")
        desk.press("登记到诊", within=line).told("已登记到诊")
        line = desk.page.locator(".task", has_text="苏**")
        desk.press("分诊", within=line).pick("staff", "周蕾").look("分诊")
        desk.press("交给接诊人").look("等候计时", DESK, PHONE)

    def agree(self) -> None:
        desk = self.by(self.at.reception)
        desk.open("patient-consents", self.patient.public_id).look("告知与同意", DESK, PHONE)
        line = desk.page.locator(".list-line", has_text="健康信息")
        desk.follow("征求同意", within=line).look("健康信息单独同意", DESK, PHONE)
        desk.draw().press("同意").told("已记录同意")

    # ---- the consulting room ---------------------------------------------------------------------

    def consult(self) -> None:
        desk = self.by(self.at.consultant).open("case-consultation", self.id)
        goals = "自然一点，平时不化妆也好看 · 㛃"
        desk.fill(goals=goals, reachable="自然的平行型", unreachable="不能做到完全对称", budget="一万以内")
        desk.press("保存咨询记录").gate("健康信息单独同意")
        desk.look("没有同意不能面诊")
        self.agree()
        desk.open("case-consultation", self.id)
        expect(desk.page.locator("[name=goals]")).to_have_value(goals)  # the draft was kept
        desk.press("保存咨询记录").told("咨询记录已保存")

    def quote(self) -> None:
        desk = self.by(self.at.consultant)
        desk.pick("line0-procedure", "切开重睑").sees("¥7,800.00").look("咨询与报价", *ALL)
        desk.press("向客户报价").told("已报价")
        desk.press("客户选这份").press("开单").told("已开单").open("case-consultation", self.id)
        desk.press("转给医师评估").pick("surgeon", "陈屿").look("转给医师")
        desk.press("转给医师评估", within=desk.page.locator("#dialog")).told("已转给医师评估")

    # ---- the physician ---------------------------------------------------------------------------

    def assess(self) -> None:
        desk = self.by(self.at.surgeon).open("today").look("医师的今日", DESK, PHONE)
        desk.open("case-assessment", self.id).fill(height_cm="162", weight_kg="52.5").sees("20.0")
        for question in ("smoking", "diabetes", "hypertension", "bleeding", "keloid", "surgery"):
            desk.fill(**{f"history_{question}": "never" if question == "smoking" else "no"})
        for radio in desk.page.locator("input[name^=stop_][value=no]").all():
            radio.check()
        desk.fill(asa="1", body_image_concern="no", is_fit="yes", opinion="一般情况好，无手术禁忌。")
        desk.look("术前评估", *ALL).press("保存评估").told("评估已保存")
        desk.open("case-tests", self.id).press("开具全部检查").told("已开具")

    def test(self) -> None:
        desk = self.by(self.at.nurse).open("case-tests", self.id)
        for row in desk.page.locator("tbody tr").all():
            name = row.locator("td").first.inner_text()
            if row.locator("input[name^=choice-]").count():
                row.locator("input[name^=choice-]").first.check()
            else:
                low, high = re.findall(r"[0-9.]+", row.locator("td").nth(1).inner_text())[:2]
                usual = f"{(Decimal(low) + Decimal(high)) / 2}"
                row.locator("input[name^=value-]").fill("360" if name == "血小板计数" else usual)
        desk.look("录入检查结果", *ALL).press("保存结果").told("已保存")

    def plan(self) -> None:
        desk = self.by(self.at.surgeon).open("case-plan", self.id)
        desk.fill(side="both", anaesthesia="local", sites="双侧上睑，重睑高 7 mm", price="7800")
        desk.fill(alternatives="埋线法。", risks="出血、感染、瘢痕、不对称。")
        desk.look("制定方案", *ALL).press("定稿并给客户选择").told("方案 v1 已定稿")
        desk.follow("客户选定此方案").draw().press("记录客户选定").gate("血小板计数 异常")
        desk.look("异常结果挡住选定").mend("血小板计数 异常")
        row = desk.page.locator("tr", has_text="血小板计数")
        row.get_by_role("button", name="医师接受").click()
        desk.fill(reason="轻度升高，凝血正常，可以手术。").look("医师接受异常")
        desk.press("接受并记名").told("已接受并记入病历")
        desk.open("case-plan", self.id).follow("客户选定此方案").look("客户选定", *ALL)
        desk.draw().press("记录客户选定").told("客户选定方案 v1")
        desk.look("方案已选定", *ALL)

    # ---- money and the board ---------------------------------------------------------------------

    def place_unpaid(self) -> None:
        desk = self.by(self.at.scheduler).open("case-schedule", self.id)
        desk.gate("定金")
        desk.look("没有定金不能排台", DESK, PHONE)

    def pay(self) -> None:
        desk = self.by(self.at.cashier).open("money").look("收银", *ALL)
        desk.open("case-money", self.id).fill(
            kind="deposit", amount="1000", method="wechat", reference="WX0616"
        )
        desk.look("收定金", DESK, PHONE).press("确认收款").told("已收款").sees("待收尾款").look("已收定金")

    def place(self) -> None:
        desk = self.by(self.at.scheduler).open("schedule", day="2026-06-18").look("手术排台", *ALL)
        desk.open("case-schedule", self.id, day="2026-06-18").fill(time="10:30")
        desk.pick("room", "手术间一").pick("nurse", "李雪").pick("anaesthetist", "赵远")
        desk.press("排上手术台").sees("同样的人和房间，最近都空的时间").look("时间冲突", DESK, PHONE)
        free = desk.page.locator("button[name=pick]").first
        chosen = re.search(r"\d\d:\d\d", free.inner_text())
        assert chosen is not None
        free.click()
        expect(desk.page.locator("[name=time]")).to_have_value(chosen[0])
        desk.press("排上手术台").told("已排台：手术间一").look("已排台", *ALL)
        desk.open("schedule", day="2026-06-18").look("手术台上有两台", *ALL)

    # ---- signatures ------------------------------------------------------------------------------

    def sign(self) -> None:
        """Everything but one on the day before; the last one is missed at the door of the theatre."""
        desk = self.by(self.at.surgeon).open("case-consents", self.id).look("待签文书", DESK, PHONE)
        while desk.page.get_by_role("link", name="谈话并签署").count() > 1:
            self.sign_next(desk)
        desk.look("还差一份")

    def sign_next(self, desk: Person) -> None:
        desk.follow("谈话并签署").fill(questions="会肿一到两周，两边可能有一点不一样，我知道。")
        for box in desk.page.locator("[name=choices][value=care]").all():
            box.check()
        if not ConsentForm.objects.exists():
            desk.press("确认签署").sees("还没有签名")
        desk.draw()
        if not ConsentForm.objects.exists():
            desk.look("签署同意书", *ALL)
        desk.press("确认签署").told("已签署")

    def missed(self) -> None:
        """The theatre refuses; whoever may sign follows the link from the refusal."""
        self.by(self.at.nurse).open("case-surgery", self.id).look("入室前还差", *ALL)
        desk = self.by(self.at.surgeon).open("case-surgery", self.id)
        desk.mend("知情同意书" if desk.page.locator(".gate", has_text="知情同意书").count() else "同意书")
        self.sign_next(desk)
        expect(desk.page.get_by_text("待签", exact=True)).to_have_count(0)
        pdf = desk.page.get_by_role("link", name="打开 PDF").first.get_attribute("href")
        assert desk.page.request.get(f"{self.house.url}{pdf}").body().startswith(b"%PDF")

    # ---- the theatre -----------------------------------------------------------------------------

    def operate(self) -> None:
        desk = self.by(self.at.nurse).open("case-surgery", self.id)
        self.time(desk, "患者入室")
        self.check(desk, Phase.SIGN_IN, "核查一")
        self.clock.later(minutes=4)
        self.time(desk.open("case-surgery", self.id), "麻醉开始")
        self.check(desk, Phase.TIME_OUT, "核查二")
        self.clock.later(minutes=6)
        self.time(desk.open("case-surgery", self.id), "切皮")
        self.clock.later(minutes=65)
        surgeon = self.by(self.at.surgeon).open("case-surgery", self.id)
        surgeon.fill(record="按方案施术，过程顺利，逐层缝合。", blood_loss_ml="5").look(
            "手术记录", DESK, PHONE
        )
        surgeon.press("登记缝合结束").told("手术记录已保存")
        desk.open("case-surgery", self.id)
        self.check(desk, Phase.SIGN_OUT, "核查三")
        self.time(desk, "离开手术室")
        desk.look("手术结束", *ALL)

    def time(self, desk: Person, step: str) -> None:
        desk.page.get_by_role("button", name=re.compile("登记：")).click()
        desk.told("时间已登记")

    def check(self, desk: Person, phase: Phase, picture: str) -> None:
        """Every line answered, then three signatures: two by password on the nurse's tablet, and her own."""
        card = desk.page.locator(f"#{phase}")
        answers = {item.code: "20" if item.is_count else "yes" for item in checklist.ITEMS[phase]}
        desk.fill(within=card, **answers)
        desk.look(picture, *(ALL if phase == Phase.SIGN_IN else (DESK,)))
        desk.press("记录核查", within=card).told("请三方签名")
        for part, staff in (("surgeon", self.at.surgeon), ("anaesthetist", self.at.anaesthetist)):
            row = card.locator(".signer", has_text=staff.name)
            desk.press("输入密码签名", within=row)
            dialog = desk.page.locator(f"#sign-{phase}-{part}")
            if phase == Phase.SIGN_IN and part == "surgeon":
                desk.fill(within=dialog, username=staff.username, password="not-his-password")
                desk.press("签名", within=dialog).sees("用户名或密码不对").look("密码不对", DESK, TABLET)
            desk.fill(within=dialog, username=staff.username, password=PASSWORD)
            desk.press("签名", within=dialog).told(f"{staff.name} 已签名")
            expect(row.get_by_text("已签")).to_be_visible()
        desk.press("本人签名", within=card).told("李雪 已签名")

    # ---- recovery and the way home ---------------------------------------------------------------

    def recover(self) -> None:
        desk = self.by(self.at.nurse)
        self.clock.later(minutes=3)
        self.observe(desk, consciousness="1", oxygen="1").look("恢复室", *ALL)
        self.leave(desk).sees("连续稳定 30 分钟", "Aldrete").look("还不能离院", DESK, PHONE)
        for _round in range(4):
            self.clock.later(minutes=11)
            self.observe(desk)
        desk.look("恢复趋势", *ALL)
        self.leave(desk).told("已离院")
        desk.look("已离院", DESK, PHONE)

    def observe(self, desk: Person, **worse: str) -> Person:
        desk.open("case-recovery", self.id)
        vitals = {"systolic": "118", "diastolic": "74", "pulse": "72", "respiration": "16", "spo2": "98"}
        aldrete = dict.fromkeys(("activity", "breathing", "circulation", "consciousness", "oxygen"), "2")
        desk.fill(**vitals | {"temperature": "36.6", "pain": "1"} | aldrete | worse)
        return desk.press("记录").told("已记录")

    def leave(self, desk: Person) -> Person:
        form = desk.page.locator("#leaving-form")
        desk.fill(within=form, escort_name="苏先生", escort_phone="12900000077", advice_given="on")
        return desk.press("确认离院")

    # ---- afterwards ------------------------------------------------------------------------------

    def follow_up(self) -> None:
        task = self.case.aftercare_tasks.order_by("due_at")[0]
        self.clock.at(task.due_at)
        desk = self.by(self.at.carer).open("aftercare").look("术后关怀", *ALL)
        line = desk.page.locator(".task", has_text=task.title)
        desk.press("记录", within=line).fill(outcome="轻度肿胀，无渗血，已嘱冷敷。").look("记录回访")
        desk.press("完成", within=desk.page.locator("#dialog")).told("已记录")

    def review(self) -> None:
        desk = self.by(self.at.surgeon).open("case-review", self.id)
        desk.fill(findings="切口愈合好，双侧基本对称。", complication="0", goal_reached="9")
        desk.look("复查", *ALL).press("保存复查").told("复查已保存")

    def answer(self) -> None:
        """On her own phone, without signing in, by the link of the message."""
        message = Message.objects.get(patient=self.patient, template__code="survey.invite")
        phone = self.house.page(PHONE)
        phone.goto(self.house.url + urlsplit((message.params or {})["link"]).path)
        phone.locator("[name=score][value='9']").check()
        phone.locator("[name=comment]").fill("医生讲得很清楚 😊")
        self.house.look(phone, "满意度问卷", PHONE)
        phone.get_by_role("button", name="提交").click()
        expect(phone.get_by_text("谢谢您")).to_be_visible()
        self.house.look(phone, "谢谢您", PHONE)

    def judge(self) -> None:
        desk = self.by(self.at.director).open("today")
        desk.sees("医生讲得很清楚 😊", "推荐意愿", "9.0").look("院长的今日", *ALL)
        case = self.by(self.at.surgeon).open("case", self.id)
        case.sees("已到诊", "已咨询", "已评估", "方案已定", "已排台", "手术中", "恢复中", "已离院", "已复查")
        case.look("客户的全程", *ALL)
        self.by(self.at.reception).open("patient-log", self.patient.public_id).look("谁看过", DESK, PHONE)


def test_one_customer_walks_all_the_way(house: House, at: Hospital) -> None:
    she, neighbour = Story(house, at), Customer(at)
    neighbour.call(TEN)
    neighbour.confirm()
    she.call()
    she.confirm()

    house.clock.at(TEN)
    at.now = TEN
    neighbour.register()
    neighbour.arrive()
    neighbour.agree("care.health")
    neighbour.consult()
    neighbour.walk_to_plan()
    neighbour.schedule(KNIFE)

    house.clock.at(VISIT)
    she.arrive()
    she.consult()
    she.quote()
    she.assess()
    she.test()
    she.plan()
    she.place_unpaid()
    she.pay()
    she.place()

    house.clock.at(KNIFE - DAY)
    she.sign()
    house.clock.at(she.surgery.starts_at)
    she.missed()
    she.operate()
    she.recover()
    she.follow_up()

    house.clock.at(KNIFE + 30 * DAY)
    she.review()
    house.clock.later(hours=5)
    she.answer()
    she.judge()
    assert she.case.stage == CaseStage.REVIEWED
