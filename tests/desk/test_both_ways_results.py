"""Refusals of results, stop rules, signatures and quotes, each through its action and its screen."""

import base64
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from tests.desk.both import Ask, assert_both
from tests.desk.test_labs import MAPPING, csv_of, row
from tests.desk.ward import PLAN, Ward, signature
from tests.factories.hospital import FormTemplateFactory, ProcedureFactory, StopRuleFactory
from tests.factories.people import CareRelationFactory, GuardianFactory
from yimei.billing.actions import orders, quotes
from yimei.hospital.enums import FormKind
from yimei.journey.actions import cases, consents, labs, plans, stops
from yimei.journey.actions import tests as testing
from yimei.journey.enums import CaseStage, LossReason, StopState
from yimei.journey.models import Case, LabImport
from yimei.journey.models import TestResult as Result
from yimei.journey.queries.labs import judge, known_to
from yimei.people.enums import CareReason

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="tries many refusals on one customer")]


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    yield ward
    ward.close()


def now() -> Any:
    return timezone.now()


# ---- results --------------------------------------------------------------------------------------


def test_a_file_of_results_is_a_table_and_every_column_is_one_thing(ward: Ward) -> None:
    ward.assess()
    ward.order_tests()
    by = ward.nurse

    def file(words: str, data: bytes) -> Ask:
        sent = SimpleUploadedFile("r.csv", data, "text/csv")
        return Ask(words, lambda: labs.receive(data, by=by, now=now()), "labs", (), by, {"file": sent})

    head = "档案号,姓名,检验项目,结果,单位,采样时间\n".encode()
    assert_both(
        file("超过 5 MB", head + b"0" * 5 * 1024 * 1024),
        file("最多 1000 行", head + b"a,b,c,d,e,f\n" * 1001),
        file("没有结果", head),
        file("不是 CSV", b"PK\x03\x04 a workbook"),
        file("编码看不懂", b"\xff\xff,\n1,2"),
    )
    held = csv_of(ward, row(ward), row(ward, value="溶血")).read()
    received = labs.receive(held, by=by, now=now()).public_id

    def run(words: str, shown: str = "", **changes: str) -> Ask:
        chosen = {name: value for name, value in (MAPPING | changes).items() if value}
        mapping = {name: int(value) for name, value in chosen.items()}
        return Ask(
            words,
            lambda: labs.run(received, mapping=mapping, by=by, now=now()),
            "lab-import-run",
            (received,),
            by,
            chosen,
            shown=shown,
        )

    assert_both(run("还没有指定这些列", "这个字段是必填项", name=""), run("同一列不能当作两种内容", unit="3"))
    labs.run(received, mapping={name: int(value) for name, value in MAPPING.items()}, by=by, now=now())
    assert_both(run("已经入库"))


def test_each_row_that_does_not_fit_says_why_before_and_after(ward: Ward) -> None:
    ward.assess()
    ward.order_tests()
    good = dict(zip((*MAPPING, "sex"), [*row(ward).split(","), ""], strict=True))
    wrong = {
        "缺少：结果": {"value": ""},
        "没有这个档案号": {"file_no": "ZX19990001"},
        "姓名与这位客户不符": {"name": "王小二"},
        "性别与这位客户不符": {"sex": "男"},
        "没有开具": {"test": "血清铁蛋白"},
        "看不懂": {"taken": "昨天"},
        "不能在今天之后": {"taken": "2026-06-18 09:00"},
        "在一年以前": {"taken": "2025-06-01 09:00"},
        "不是数值": {"value": "溶血"},
        "不能直接入库": {"unit": "g/dL"},
    }
    for words, changes in wrong.items():
        cells = {name: value for name, value in (good | changes).items() if value}
        known = known_to([cells], by=ward.nurse)

        def ask(cells: dict[str, str] = cells, known: Any = known) -> object:
            return judge(cells, known, now=now())

        with pytest.raises(Exception, match=words):
            ask()
    mapping = MAPPING | {"sex": "6"}
    rows = [",".join(({**good, **changes})[name] for name in mapping) for changes in wrong.values()]
    text = "档案号,姓名,检验项目,结果,单位,采样时间,性别\n" + "\n".join(rows)
    ward.do("labs", by=ward.nurse, file=SimpleUploadedFile("r.csv", text.encode(), "text/csv"))
    received = LabImport.objects.get()
    before = ward.get("lab-import", received.public_id, by=ward.nurse).content.decode()
    ward.do("lab-import-run", received.public_id, by=ward.nurse, **mapping)
    after = ward.get("lab-import", received.public_id, by=ward.nurse).content.decode()
    for words in wrong:
        assert words in before, words
        assert words in after, words
    assert not Result.objects.exists()


def test_a_typed_result_is_a_number_of_a_day_that_has_been(ward: Ward) -> None:
    ward.assess()
    ward.order_tests()
    order, by = ward.case.test_orders.get(test=ward.blood), ward.nurse

    def typed(words: str, value: str, day: str) -> Ask:
        at = timezone.datetime.fromisoformat(f"{day}T09:00+08:00")
        return Ask(
            words,
            lambda: testing.record(order.public_id, value=value, taken_at=at, by=by, now=now()),
            "case-tests",
            (ward.case.public_id,),
            by,
            {"taken_on": day, "taken_at": "09:00", f"value-{order.public_id}": value},
        )

    assert_both(
        typed("不是数值", "132 g/L", "2026-06-16"),
        typed("不是数值", "1e99", "2026-06-16"),
        typed("不能在今天之后", "132", "2026-06-17"),
        typed("在一年以前", "132", "2025-06-01"),
    )


# ---- stop rules -----------------------------------------------------------------------------------


def test_a_stop_rule_is_passed_by_who_may_with_a_reason_or_not_at_all(ward: Ward) -> None:
    aspirin = StopRuleFactory()
    never = StopRuleFactory(code="PREGNANT", name="妊娠", may_override=False)
    case, by = ward.case.public_id, ward.surgeon
    ward.assess(**{f"stop_{rule.code}": "now" for rule in (aspirin, never)})
    learner = ward.staff("surgeon", "进修医生")
    CareRelationFactory(patient=ward.patient, staff=learner, reason=CareReason.TEAM)
    keys = {each.rule.code: each.key for each in stops.stops.against(ward.case, now=now())}

    def let_pass(words: str, code: str, reason: str = "会诊后同意继续，出血风险可控", who: Any = by) -> Ask:
        return Ask(
            words,
            lambda: stops.override(case, finding_key=keys[code], reason=reason, by=who, now=now()),
            "stop-override",
            (case,),
            who,
            {"key": keys[code], "reason": reason},
        )

    assert_both(
        let_pass("不能放行", never.code),
        let_pass("至少 10 个字", aspirin.code, reason="可以做"),
        let_pass("有本项目资格的医师", aspirin.code, who=learner),
    )
    tomorrow = (now() + timedelta(days=1)).date()

    def note(words: str, last: Any, shown: str = "") -> Ask:
        return Ask(
            words,
            lambda: stops.note(
                case, rule_code=aspirin.code, state=StopState.STOPPED, last_on=last, by=ward.nurse, now=now()
            ),
            "stop-note",
            (case, aspirin.code),
            ward.nurse,
            {"state": StopState.STOPPED.value, "last_on": last.isoformat() if last else ""},
            shown=shown,
        )

    assert_both(note("不能在今天之后", tomorrow), note("最后一次的日期", None))


# ---- choice and signature -------------------------------------------------------------------------


def picture(width: int, height: int) -> str:
    kept = io.BytesIO()
    Image.new("1", (width, height), 1).save(kept, "PNG")
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()


def test_only_what_is_offered_is_chosen_and_only_before_the_operation(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    case, by = ward.case.public_id, ward.surgeon
    ward.do("case-plan", case, by=by, **PLAN)
    old = ward.plan.public_id
    ward.do("case-plan", case, by=by, **PLAN | {"written_against": "1", "price": "7700"})

    def choose(words: str, plan: UUID) -> Ask:
        heard = plans.Choice(words="就选这个", witness=ward.nurse.public_id)
        act: Callable[[], object] = lambda: plans.choose(plan, by=by, now=now(), choice=heard)
        return Ask(words, act, "plan-choose", (plan,), by, ward.heard)

    assert_both(choose("方案不能从「已被新版取代」", old))
    Case.objects.filter(pk=ward.case.pk).update(stage=CaseStage.RECOVERING)
    assert_both(choose("不能再选方案", ward.plan.public_id))


def test_a_document_is_signed_once_by_who_talked_and_who_is_asked() -> None:
    ward = Ward()
    try:
        ward.planned()
        FormTemplateFactory(code="anaesthesia-general", kind=FormKind.ANAESTHESIA, title="全身麻醉同意书")
        plan, by = ward.plan, ward.surgeon
        other = ward.staff("surgeon", "林医生")
        CareRelationFactory(patient=ward.patient, staff=other, reason=CareReason.TEAM)

        def sign(words: str, who: Any = by, code: str = "consent-eye", /, **changes: str) -> Ask:
            data = ward.signed() | changes
            return Ask(
                words,
                lambda: consents.sign(
                    plan.public_id,
                    form_code=code,
                    questions=data["questions"],
                    signatures=consents.Signatures(data["signature"]),
                    by=who,
                    now=now(),
                ),
                "consent-sign",
                (plan.public_id, code),
                who,
                data,
            )

        assert_both(
            sign("主诊医师本人谈话", other),
            sign("用自己的话复述", questions="好"),
            sign("签名没有收到", signature=""),
            sign("无法读取", signature="data:image/png;base64,AAAA"),
            sign("签名图片过大", signature=picture(3000, 2000)),
            sign("空白", signature=signature(blank=True)),
        )
        ward.sign("consent-eye")
        assert_both(sign("已经签署"))
        deep = PLAN | {"written_against": "1", "anaesthesia": "general"}
        ward.do("case-plan", ward.case.public_id, by=by, **deep)
        ward.do("plan-choose", ward.plan.public_id, by=by, **ward.heard)
        plan = ward.plan
        assert_both(sign("须由麻醉师谈话", by, "anaesthesia-general"))
        GuardianFactory(patient=ward.patient)
        person = ward.patient.person
        person.birth_date = now().date().replace(year=2012)
        person.save()
        assert_both(sign("须监护人到场并签名"))
    finally:
        ward.close()


# ---- quotes ---------------------------------------------------------------------------------------


def test_a_quote_is_what_the_list_and_the_role_allow(ward: Ward) -> None:
    consultant = ward.staff("consultant", "周蕾")
    CareRelationFactory(patient=ward.patient, staff=consultant, reason=CareReason.CONSULTANT)
    case, item = ward.case, ward.procedure.public_id
    unpriced = ProcedureFactory()

    def write(*lines: quotes.Item) -> Callable[[], object]:
        to, at = ward.patient.public_id, ward.campus
        return lambda: quotes.offer(
            to, episode=case.public_id, campus=at, lines=lines, by=consultant, now=now()
        )

    def offer(words: str, shown: str = "", /, **changes: str) -> Ask:
        data = {"procedure": str(item), "price": "", "quantity": "1", "reason": ""} | changes
        price = Decimal(data["price"]) if data["price"] else None
        line = (UUID(data["procedure"]), price, int(data["quantity"]), data["reason"])
        posted = {f"line0-{name}": value for name, value in data.items()}
        return Ask(words, write(line), "case-quote", (case.public_id,), consultant, posted, shown=shown)

    listed = ward.procedure.prices.get().amount
    low, high = str(listed / 2), str(listed + 1)
    assert_both(
        offer("数量必须在", "大于或等于", quantity="0"),
        offer("数量必须在", "小于或等于", quantity="100"),
        offer("最多到分", "小数", price="99.999", reason="老客户"),
        offer("不能为负", "不能", price="-1", reason="老客户"),
        offer("不能高于目录价", price=high),
        offer("请写明优惠原因", price=low),
        offer("原因最多 80 个字", "80", price=low, reason="熟" * 81),
        offer("没有有效的目录价", procedure=str(unpriced.public_id)),
        offer("优惠超出", price=low, reason="老客户"),
        Ask(
            "至少要有一个项目",
            write(),
            "case-quote",
            (case.public_id,),
            consultant,
            {"line0-procedure": "", "line0-quantity": "1"},
        ),
    )
    one = {"line0-procedure": str(item), "line0-quantity": "1"}
    ward.do("case-quote", case.public_id, by=consultant, **one)
    quote = quotes.queries.quotes_of(case.public_id)[0].public_id
    ward.do("quote-decline", quote, by=consultant)

    def decide(words: str, act: Callable[..., object], page: str) -> Ask:
        return Ask(words, lambda: act(quote, by=consultant, now=now()), page, (quote,), consultant)

    assert_both(
        decide("报价不能从", quotes.accept, "quote-accept"),
        decide("报价不能从", quotes.decline, "quote-decline"),
        decide("报价不能从", quotes.approve, "quote-approve"),
    )
    ward.do("case-quote", case.public_id, by=consultant, **one)
    taken = quotes.queries.options_of(case.public_id)[-1].quote.public_id
    ward.do("quote-accept", taken, by=consultant)

    def order(words: str, deposit: str, shown: str = "") -> Ask:
        return Ask(
            words,
            lambda: orders.open_from_quote(taken, deposit=Decimal(deposit), by=consultant, now=now()),
            "order-open",
            (taken,),
            consultant,
            {"deposit": deposit},
            shown=shown,
        )

    assert_both(order("不小于零", "-1"), order("不能超过应收金额", high))
    Case.objects.filter(pk=case.pk).update(stage=CaseStage.REVIEWED)
    assert_both(
        Ask(
            "不能变为",
            lambda: cases.lose(case.public_id, reason=LossReason.PRICE, by=consultant, now=now()),
            "case-lose",
            (case.public_id,),
            consultant,
            {"reason": "price"},
            is_layer=True,
        ),
        Ask(
            "不能变为",
            lambda: cases.lose(case.public_id, reason=LossReason.PRICE, by=consultant, now=now()),
            "case-lose",
            (case.public_id,),
            consultant,
            {"reason": ""},
            shown="这个字段是必填项",
            is_layer=True,
        ),
    )
