"""A new purpose waits for its assessment and notice; a changed one asks those who agreed to it, only them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from tests.factories.people import PatientFactory, StaffFactory
from tests.privacy.actions.test_gates import abroad, assessed, director, officer
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import assessments, consents, notices, openings, purposes, transfers
from yimei.privacy.enums import Audience, ChipState
from yimei.privacy.models import Assessment, Notice, Purpose, PurposeEvent
from yimei.privacy.queries import has_consent, needs
from yimei.privacy.queries.assessments import risks_of
from yimei.privacy.queries.consents import consent_chips, consenting, missing_for_care, outdated, pending_asks
from yimei.privacy.queries.datamap import datamap
from yimei.privacy.queries.notices import typed
from yimei.privacy.queries.record import as_markdown
from yimei.privacy.queries.register import shipped
from yimei.privacy.rules.assessments import check_whole

__all__ = ["director", "officer"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FACE: dict[str, Any] = {
    "name": "人脸排队",
    "description": "用您的面部影像在到院时核对身份并叫号。您可以拒绝，改用手机号。",
    "basis": "consent",
    "mode": "separate",
    "is_sensitive": True,
    "triggers": ["automated"],
    "retention": "lead",
    "article": "《个人信息保护法》第二十九条",
}


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus)


def known(code: str, **changes: Any) -> dict[str, Any]:
    one = Purpose.objects.select_related("retention").get(code=code)
    values = {name: getattr(one, name) for name in purposes.FIELDS}
    return {**values, "retention": one.retention.code, **changes}


def tell(officer: Staff, campus: Campus, now: datetime, *more: str) -> Notice:
    newest = Notice.objects.filter(code="customer").latest("version")
    codes = [*newest.purposes.filter(is_active=True).values_list("code", flat=True), *more]
    return notices.publish(
        "customer", audience=Audience.ADULT, title=newest.title, sections=typed(newest),
        purpose_codes=list(dict.fromkeys(codes)), campus=campus, at=now, by=officer, is_material=False,
    )  # fmt: skip


def state(patient: Patient, code: str, at: datetime) -> ChipState:
    return next(chip.state for chip in consent_chips(patient, at) if chip.code == code)


def test_a_new_purpose_goes_from_paper_to_a_yes_and_nothing_is_skipped(
    officer: Staff, director: Staff, campus: Campus, patient: Patient, now: datetime
) -> None:
    health, offers = (consents.give(patient, code, now=now) for code in ("care.health", "marketing"))
    made = purposes.register("face.queue", by=officer, now=now, **FACE)
    assert (made.is_active, made.is_own, made.is_necessary) == (False, True, False)
    with pytest.raises(NotFound):
        consents.give(patient, "face.queue", now=now)
    with pytest.raises(RuleBroken) as caught:
        purposes.switch(made.public_id, is_active=True, by=officer, now=now)
    assert len(caught.value.missing) == 3
    assessed("purpose:face.queue", "sensitive", officer, director, now)
    with pytest.raises(RuleBroken) as caught:
        purposes.switch(made.public_id, is_active=True, by=officer, now=now)
    assert len(caught.value.missing) == 2, "each situation by itself"
    for trigger in ("new", "automated"):
        assessed("purpose:face.queue", trigger, officer, director, now)
    purposes.switch(made.public_id, is_active=True, by=officer, now=now)
    assert not made.events.filter(word="signed").exists(), "it waited for nothing"
    with pytest.raises(RuleBroken, match="还没有面向"):
        consents.give(patient, "face.queue", now=now)
    told = tell(officer, campus, now + DAY, "face.queue")
    assert told.renews == ["face.queue"]
    later = now + 2 * DAY
    assert "face.queue" in {ask.purpose.code for ask in pending_asks(patient, later)}
    assert [has_consent(patient, code, later) for code in ("care.health", "marketing")] == [health, offers]
    assert missing_for_care(patient, later) == ()
    consents.give(patient, "face.queue", now=later)
    assert consenting([patient], "face.queue", later) == {patient.pk}


def test_a_purpose_changed_at_heart_asks_those_who_agreed_to_it_and_nobody_else(
    officer: Staff, director: Staff, campus: Campus, patient: Patient, now: datetime
) -> None:
    for code in ("marketing", "care.health"):
        consents.give(patient, code, now=now - DAY)
    one = Purpose.objects.get(code="marketing")
    words = "用您的手机与到访记录，向您推荐适合您的活动与优惠。您可以随时退订。"
    changed = purposes.change(one.public_id, by=officer, now=now, **known("marketing", description=words))
    assert (changed.is_active, changed.changed_at) == (False, now)
    assessed("purpose:marketing", "new", officer, director, now)
    purposes.switch(one.public_id, is_active=True, by=officer, now=now)
    assert state(patient, "marketing", now) == ChipState.OUTDATED
    assert consenting([patient], "marketing", now) == set()
    assert [each.purpose.code for each in outdated(officer, now)] == ["marketing"]
    assert "marketing" not in {ask.purpose.code for ask in pending_asks(patient, now)}, "no notice tells it"
    with pytest.raises(RuleBroken, match="还没有面向"):
        consents.give(patient, "marketing", now=now)
    told = tell(officer, campus, now + DAY)
    assert (told.is_material, told.renews) == (True, ["marketing"])
    later = now + 2 * DAY
    assert state(patient, "care.health", later) == ChipState.GIVEN
    assert missing_for_care(patient, later) == ()
    consents.give(patient, "marketing", now=later)
    assert state(patient, "marketing", later) == ChipState.GIVEN
    [event] = PurposeEvent.objects.filter(purpose=one, word="changed")
    assert [(label, after) for label, _before, after in event.changes] == [("说明", words)]
    with pytest.raises(IntegrityError, match="purpose_event_append_only"), transaction.atomic():
        PurposeEvent.objects.update(word="on")


def test_an_assessment_from_before_the_change_lets_nothing_go_live(
    officer: Staff, director: Staff, now: datetime
) -> None:
    one = Purpose.objects.get(code="image.teaching")
    assessed("purpose:image.teaching", "sensitive", officer, director, now - DAY)
    changed = known("image.teaching", description="把影像用于院外的教学与学术会议。")
    purposes.change(one.public_id, by=officer, now=now, **changed)
    with pytest.raises(RuleBroken, match="启用"):
        purposes.switch(one.public_id, is_active=True, by=officer, now=now)
    for trigger in ("sensitive", "new"):
        assessed("purpose:image.teaching", trigger, officer, director, now + DAY)
    assert purposes.switch(one.public_id, is_active=True, by=officer, now=now + DAY).is_active


def test_new_words_for_the_same_thing_undo_nothing(officer: Staff, patient: Patient, now: datetime) -> None:
    given = consents.give(patient, "marketing", now=now)
    one = Purpose.objects.get(code="marketing")
    same = known("marketing", description="用您的手机号码发送活动与优惠。随时可以退订。")
    changed = purposes.change(one.public_id, only_words=True, by=officer, now=now + DAY, **same)
    assert (changed.is_active, changed.changed_at) == (True, None)
    assert has_consent(patient, "marketing", now + DAY) == given
    purposes.change(one.public_id, by=officer, now=now + DAY, **same)
    assert PurposeEvent.objects.filter(purpose=one).count() == 1, "the same again changes nothing"


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        ([], []),
        ([("description", "用您的手机号码发送活动与优惠。随时可以退订。", True)], []),
        ([("name", "活动与优惠的消息", False)], []),
        (
            [
                ("description", "用您的手机号码发送活动与优惠。随时可以退订。", True),
                ("description", "用您的手机号码发送活动与优惠，随时退订。", True),
                ("name", "优惠消息", False),
            ],
            [],
        ),
        (
            [
                ("description", "用您的手机与到访记录，向您推荐适合您的活动。", False),
                ("description", "用您的手机与到访记录，向您推荐合适的活动。", True),
            ],
            ["marketing"],
        ),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_next_notice_asks_nobody_again_for_new_words(
    officer: Staff,
    director: Staff,
    campus: Campus,
    now: datetime,
    steps: list[tuple[str, str, bool]],
    asked: list[str],
    language: str,
) -> None:
    one = Purpose.objects.get(code="marketing")
    with translation.override(language):
        for name, words, only_words in steps:
            values = known("marketing", **{name: words})
            purposes.change(one.public_id, only_words=only_words, by=officer, now=now, **values)
    if asked:
        assessed("purpose:marketing", "new", officer, director, now)
        purposes.switch(one.public_id, is_active=True, by=officer, now=now)
    told = tell(officer, campus, now + DAY)
    assert (told.is_material, told.renews) == (bool(asked), asked)
    [lines] = [section["paragraphs"] for section in told.body if section["code"] == "purposes"]
    said = Purpose.objects.get(code="marketing")
    assert any(line.startswith(said.name) and line.endswith(f"：{said.description}") for line in lines)
    assert tell(officer, campus, now + 2 * DAY).renews == [], "told once, it is told"


def test_what_care_needs_stays_live_when_it_changes(officer: Staff, patient: Patient, now: datetime) -> None:
    consents.give(patient, "care.health", now=now - DAY)
    one = Purpose.objects.get(code="care.health")
    changed = known("care.health", description="新的说明：还用于术后的随访与评估。")
    assert purposes.change(one.public_id, by=officer, now=now, **changed).is_active
    assert [each.what for each in missing_for_care(patient, now)] == ["「诊疗中的健康信息」的同意"]


def test_only_the_officer_writes_purposes_and_a_code_is_given_once(
    officer: Staff, director: Staff, now: datetime
) -> None:
    with pytest.raises(NotFound):
        purposes.register("face.queue", by=director, now=now, **FACE)
    for code, says in (("marketing", "已经登记过"), ("人脸", "编码用")):
        with pytest.raises(RuleBroken, match=says):
            purposes.register(code, by=officer, now=now, **FACE)
    with pytest.raises(RuleBroken, match="单独同意"):
        purposes.register("face.queue", by=officer, now=now, **FACE | {"mode": "general", "triggers": []})
    with pytest.raises(RuleBroken, match="保存期限"):
        purposes.register("face.queue", by=officer, now=now, **FACE | {"retention": "forever"})
    assert not Purpose.objects.filter(is_own=True).exists()
    with pytest.raises(NotFound):
        purposes.switch(
            Purpose.objects.get(code="marketing").public_id, is_active=False,
            by=StaffFactory(role="surgeon", campus=officer.campus), now=now,
        )  # fmt: skip


def test_a_notice_names_who_abroad_receives_and_denies_nothing_that_happens(
    officer: Staff, director: Staff, campus: Campus, now: datetime
) -> None:
    made, on = abroad(officer, director, now), local_date(now)
    assessed("transfer:case.sg", "abroad", officer, director, now)
    assert "境外提供：不向境外提供" in as_markdown(datamap(on))
    transfers.release(made.public_id, by=director, now=now)
    with pytest.raises(RuleBroken) as caught:
        tell(officer, campus, now, "abroad")
    assert ["海外病例讨论" in each.what for each in caught.value.missing] == [True]
    sections = typed(Notice.objects.get(code="customer"))
    for section in sections:
        section["paragraphs"] = [text.replace("不向境外提供，", "") for text in section["paragraphs"]]
    told = notices.publish(
        "customer", audience=Audience.ADULT, title="新", sections=sections,
        purpose_codes=["care.identity", "abroad"], campus=campus, at=now, by=officer, is_material=False,
    )  # fmt: skip
    said = {part["code"]: "".join(part["paragraphs"]) for part in told.body}
    for words in ("海外云（SG，客服 400）", "海外病例讨论", "行使权利：邮件联系"):
        assert words in said["purposes"]
    assert "向境外提供的有 1 项" in said["brief"]
    assert "海外病例讨论：海外云（SG，标准合同备案）" in as_markdown(datamap(on))


def test_a_hospital_that_runs_has_thirty_days_and_closes_then(
    officer: Staff, director: Staff, patient: Patient, now: datetime
) -> None:
    """Whoever agreed before goes on being treated; nobody new is asked, anybody may take back."""
    health, photos = (consents.give(patient, code, now=now) for code in ("care.health", "image.clinical"))
    assessed("purpose:research", "sensitive", officer, director, now)
    assert openings.look(now=now) > 0
    assert openings.look(now=now) == 0
    last = local_date(now) + 30 * DAY
    waiting = dict(Purpose.objects.filter(is_active=True).values_list("code", "assess_by"))
    asked = {code for code, day in waiting.items() if day == last}
    assert asked == {
        "care.health", "image.clinical", "image.teaching", "image.publicity", "sharing.partner", "automated",
        "money", "story.share",
    }  # fmt: skip
    assert {day for code, day in waiting.items() if code not in asked} == {None}
    partner = Purpose.objects.get(code="sharing.partner")
    for day, why, says in (
        (local_date(now), "律师在看这一份，下月初签", "新的期限"),
        (local_date(now) + 91 * DAY, "律师在看这一份，下月初签", "新的期限"),
        (last + DAY, "忙", "至少 10 个字"),
    ):
        with pytest.raises(RuleBroken, match=says):
            openings.postpone(partner.public_id, until=day, reason=why, by=officer, now=now)
    with pytest.raises(NotFound):
        openings.postpone(
            partner.public_id, until=last, reason="律师在看这一份，下月初签", by=director, now=now
        )
    later_on = openings.postpone(
        partner.public_id, until=last + DAY, reason="律师在看这一份，下月初签", by=officer, now=now
    )
    assert later_on.events.get().changes[0][1:] == [f"{last}", f"{last + DAY}（律师在看这一份，下月初签）"]
    with pytest.raises(RuleBroken, match="只能改一次"):
        openings.postpone(
            partner.public_id, until=last + 2 * DAY, reason="律师还在看这一份，再晚一天", by=officer, now=now
        )
    Purpose.objects.filter(pk=partner.pk).update(assess_by=last)
    assert openings.look(now=now + 29 * DAY) == 0
    assert needs.stopped(asked) == frozenset()
    later = now + 30 * DAY
    openings.look(now=later)
    assert needs.stopped(waiting) == asked
    with pytest.raises(RuleBroken, match="没有可以改的期限"):
        openings.postpone(
            partner.public_id, until=last + DAY, reason="律师在看这一份，下月", by=officer, now=later
        )
    assert [has_consent(patient, code, later) for code in ("care.health", "image.clinical")] == [health, None]
    assert not asked & {ask.purpose.code for ask in pending_asks(patient, later)}
    another, paper = (
        PatientFactory(campus=patient.campus),
        Assessment.objects.get(subject="purpose:care.health"),
    )
    for act in (consents.give, consents.show, consents.refuse):
        with pytest.raises(RuleBroken, match="「诊疗中的健康信息」的影响评估还没有签署") as caught:
            act(another, "care.health", now=later)
        assert caught.value.missing[0].where == f"desk:assessment:{paper.public_id}"
    for table, what in (("journey.Photo", "诊疗影像留存"), ("billing.Order", "收费、退款与记账")):
        with pytest.raises(RuleBroken, match=f"「{what}」的影响评估还没有签署"):
            needs.need(table)
    assert consents.withdraw(patient, "image.clinical", now=later).supersedes == photos
    assert Entry.objects.filter(action="privacy.purpose.closed").count() == len(asked)


def test_a_draft_is_signed_as_it_is_or_approved_by_another(
    officer: Staff, director: Staff, patient: Patient, now: datetime
) -> None:
    openings.look(now=now, known=frozenset())
    papers = {one.subject.removeprefix("purpose:"): one for one in Assessment.objects.all()}
    assert set(papers) == {row["code"] for row in shipped("impact")}
    Purpose.objects.filter(code="marketing").update(is_own=True)
    assert openings.look(now=now) == 1, "a purpose of the house has a day, and no draft of ours"
    assert Entry.objects.filter(action="privacy.assessment.drafted").count() == 1
    Purpose.objects.filter(code="marketing").update(is_own=False, assess_by=None, closed_at=None)
    for one in papers.values():
        texts = {name: getattr(one, name) for name in ("necessity", "impact", "measures")}
        assert check_whole(texts=texts, risks=risks_of(one), triggers=one.triggers) is None
        assert one.prepared_by is None
    health = papers["care.health"].public_id
    with pytest.raises(RuleBroken, match="请逐段读完"):
        assessments.sign(health, has_read=False, remark="", by=officer, now=now)
    with pytest.raises(NotFound):
        assessments.sign(health, has_read=True, remark="", by=director, now=now)
    signed = assessments.sign(health, has_read=True, remark="与本院相符", by=officer, now=now)
    assert (signed.decided_by, signed.state) == (officer, "approved")
    assert consents.give(patient, "care.health", now=now)
    with pytest.raises(RuleBroken, match="没有在等待签署"):
        assessments.sign(health, has_read=True, remark="", by=officer, now=now)
    mine = papers["image.clinical"]
    texts = {"necessity": mine.necessity + "本院另有说明。", "impact": mine.impact, "measures": mine.measures}
    assessments.write(
        mine.public_id, title=mine.title, subject=mine.subject, triggers=mine.triggers, by=officer, now=now,
        texts=texts, risks=mine.risks,
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="有人改过"):
        assessments.sign(mine.public_id, has_read=True, remark="", by=officer, now=now)
    assessments.submit(mine.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="编写人不能批准"):
        assessments.approve(mine.public_id, remark="", by=officer, now=now)
    assert Purpose.objects.get(code="image.clinical").closed_at == now
    assessments.approve(mine.public_id, remark="", by=director, now=now)
    opened = Purpose.objects.get(code="image.clinical")
    assert (opened.closed_at, opened.assess_by) == (None, None)
    assert opened.events.get().by == director
    submitted = assessments.submit(papers["automated"].public_id, by=officer, now=now)
    assert submitted.prepared_by == officer, "who hands it on stands for it, and another approves"
    with pytest.raises(RuleBroken, match="退回须写明意见"):
        assessments.give_back(submitted.public_id, remark=" ", by=director, now=now)
    risky = papers["money"]
    Assessment.objects.filter(pk=risky.pk).update(risks=[{**risky.risks[0], "likelihood_after": 5}])
    with pytest.raises(RuleBroken, match="剩余风险 20"):
        assessments.sign(risky.public_id, has_read=True, remark="", by=officer, now=now)
