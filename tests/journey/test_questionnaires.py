"""Sets of answers: drafts that lose nothing, freezing, corrections, links, flags and decisions."""

import hashlib
import json
import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.desk.ward import signature
from tests.factories.journey import CaseFactory
from tests.factories.kept import Kept
from tests.factories.people import StaffFactory
from tests.factories.privacy import ConsentFactory, LimitFactory, NoticeFactory, PurposeFactory
from tests.journey.clinic import EIGHT, TEN, Clinic
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import questionnaire_links as links
from yimei.journey.actions import questionnaires as actions
from yimei.journey.actions import referrals
from yimei.journey.enums import CaseStage, ReferralOutcome
from yimei.journey.models import AnswerSet, Case, Questionnaire, QuestionnaireLink, Referral
from yimei.journey.queries import facts
from yimei.journey.queries import questionnaires as queries
from yimei.journey.rules.drafts import Page
from yimei.outbox.models import Message
from yimei.people.actions import capacity
from yimei.people.enums import CapacityKind
from yimei.people.models import Alert, Staff
from yimei.privacy.models import Purpose
from yimei.vault import files

pytestmark = pytest.mark.django_db
HABITS = {
    "smoking": ["now"],
    "cigarettes": ["10"],
    "smoking_years": ["5"],
    "alcohol": ["never"],
    "medicine": ["yes"],
    "medicine_kinds": ["anticoagulant"],
    "medicine_names": ["华法林 2.5 mg"],
}
WISHES = {
    "wish": ["自然"],
    "areas": ["eyes"],
    "degree": ["natural"],
    "picture": ["no"],
    "reason": ["self"],
    "weeks_off": ["7"],
    "now": ["4"],
    "accept": ["6"],
}
CALM = {"preoccupied": ["no"], "times": ["0"], "hope": ["looks"], "dark": ["no"]}
MARKED = CALM | {
    "preoccupied": ["yes"],
    "part": ["鼻"],
    "hours": ["long"],
    "distress": ["4"],
    "life": ["4"],
    "rituals": ["3"],
    "others_see": ["no"],
}


class Room(metaclass=Kept):
    """A consultant with a customer who has come and agreed."""

    def __init__(self) -> None:
        self.clinic = Clinic()
        actions.load_shipped(now=EIGHT)
        LimitFactory(code="questionnaire.link_days", value=7)
        self.patient = self.clinic.patient()
        self.case: Case = self.clinic.arrived(self.patient).case
        self.consultant = self.clinic.consultants[0]
        self.surgeon = self.clinic.surgeons[0]
        self.clinic.cares(self.surgeon, self.patient)

    def agrees(self) -> "Room":
        health = PurposeFactory(health=True)
        notice = NoticeFactory(purposes=[health])
        ConsentFactory(patient=self.patient, purpose=health, notice=notice, at=EIGHT)
        return self

    def begin(self, code: str = "smoking-medication", *, by: Staff | None = None) -> AnswerSet:
        return actions.begin(self.case.public_id, code=code, by=by or self.consultant, now=TEN)

    def complete(self, code: str = "smoking-medication", raw: Any = None, **values: Any) -> AnswerSet:
        row = self.begin(code)
        given = {"raw": HABITS if raw is None else raw, "page": Page(row.revision), "signature": signature()}
        return actions.complete(row.public_id, **given | values, by=self.consultant, now=TEN)

    def invite(self, *codes: str) -> str:
        _link, token = links.invite(
            self.case.public_id, codes=codes or ["smoking-medication"], by=self.consultant, now=EIGHT
        )
        return token


@pytest.fixture
def room() -> Room:
    return Room().agrees()


# ---- versions ------------------------------------------------------------------------------------


def test_shipping_again_adds_nothing_and_a_published_version_is_frozen(room: Room) -> None:
    assert actions.load_shipped(now=TEN) == 0
    row = Questionnaire.objects.get(code="expectations")
    with pytest.raises(IntegrityError), transaction.atomic():
        Questionnaire.objects.filter(pk=row.pk).update(content={})
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_the_hospital_publishes_the_next_version_and_its_own_stays_its_own(room: Room) -> None:
    admin = StaffFactory(role="admin")
    content = dict(Questionnaire.objects.get(code="expectations").content) | {"minutes": 9}
    row = actions.publish(content, by=admin, now=TEN)
    assert (row.version, row.published_by) == (2, admin)
    with pytest.raises(RuleBroken, match="完全相同"):
        actions.publish(content, by=admin, now=TEN)
    assert actions.load_shipped(now=TEN) == 0
    with pytest.raises(NotFound):
        actions.publish(content | {"minutes": 8}, by=room.consultant, now=TEN)


def test_a_licensed_scale_needs_its_licence(room: Room) -> None:
    admin = StaffFactory(role="admin")
    content = dict(Questionnaire.objects.get(code="expectations").content) | {"code": "breast-q"}
    with pytest.raises(RuleBroken, match="授权"):
        actions.publish(content, by=admin, now=TEN)
    licence = {"name": "BREAST-Q", "owner": "MSKCC", "reference": "L-2026-014"}
    assert actions.publish(content | {"licence": licence}, by=admin, now=TEN).version == 1


def published(room: Room, question: str, *purposes: str) -> None:
    """The next version of 期望, in which one question serves something else."""
    content = deepcopy(Questionnaire.objects.get(code="expectations").content)
    for section in content["sections"]:
        for one in section["questions"]:
            if one["id"] == question:
                one["purposes"] = list(purposes)
    actions.publish(content, by=StaffFactory(role="admin"), now=TEN)


def kept(row: AnswerSet) -> set[str]:
    row = AnswerSet.objects.with_people().get(pk=row.pk)
    return {*row.draft, *row.answers}


def test_a_question_of_a_stopped_purpose_is_not_kept_whatever_is_posted(room: Room) -> None:
    row = room.begin("expectations")
    given = {"wish": ["自然"], "now": ["4"]}
    actions.save(row.public_id, raw=given, page=Page(0), by=room.consultant, now=TEN)
    assert kept(row) == {"wish", "now"}
    PurposeFactory(code="survey", basis="contract", mode="", is_necessary=False, is_active=False)
    actions.save(row.public_id, raw=given, page=Page(1), by=room.consultant, now=TEN)
    assert kept(row) == {"wish"}
    actions.complete(
        row.public_id, raw=WISHES | given, page=Page(2), signature=signature(), by=room.consultant, now=TEN
    )
    assert "now" not in kept(row)
    assert "accept" in kept(row)


def test_what_rests_on_consent_is_asked_only_of_who_gave_it(room: Room) -> None:
    research = PurposeFactory(code="research", is_necessary=False)
    published(room, "reason", "research")
    given = WISHES | {"reason": ["self"]}
    row = room.complete("expectations", raw=given)
    assert "reason" not in kept(row)
    ConsentFactory(
        patient=room.patient, purpose=research, notice=NoticeFactory(purposes=[research]), at=EIGHT
    )
    row = room.complete("expectations", raw=given)
    assert "reason" in kept(row)


def test_what_was_answered_is_read_and_exported_after_its_purpose_was_stopped(room: Room) -> None:
    row = room.complete("expectations", raw=WISHES)
    PurposeFactory(code="survey", basis="contract", mode="", is_necessary=False, is_active=False)
    row = AnswerSet.objects.with_people().get(pk=row.pk)
    assert "您对这个部位现在的满意程度" in str(queries.said(row))
    again = room.begin("expectations")
    assert "now" not in again.draft


def test_a_questionnaire_that_no_purpose_needs_is_neither_offered_nor_begun(room: Room) -> None:
    content = {
        "code": "taste",
        "title": "口味",
        "sections": [
            {"title": "", "questions": [{"id": "tea", "kind": "text", "label": "茶", "purposes": ["survey"]}]}
        ],
    }
    actions.publish(content, by=StaffFactory(role="admin"), now=TEN)
    survey = PurposeFactory(code="survey", basis="contract", mode="", is_necessary=False)
    assert "taste" in {line.code for line in queries.board(room.case, now=TEN)}
    row = room.begin("taste")
    Purpose.objects.filter(pk=survey.pk).update(is_active=False)
    assert "taste" not in {line.code for line in queries.board(CaseFactory(), now=TEN)}
    with pytest.raises(RuleBroken, match=r"口味.*已停用的目的"):
        links.invite(room.case.public_id, codes=["taste"], by=room.consultant, now=TEN)
    with pytest.raises(RuleBroken, match=r"口味.*已停用的目的"):
        actions.complete(row.public_id, raw={"tea": ["绿"]}, page=Page(0), by=room.consultant, now=TEN)


# ---- drafts and freezing ---------------------------------------------------------------------------


def test_nothing_about_health_is_asked_without_the_separate_consent() -> None:
    room = Room()
    with pytest.raises(RuleBroken) as refused:
        room.begin()
    assert refused.value.missing[0].why == "个人信息保护法第二十九条"
    assert not AnswerSet.objects.exists()


def test_two_clicks_begin_one_draft_and_a_colleague_finds_none(room: Room) -> None:
    row = room.begin()
    assert room.begin() == row
    with pytest.raises(NotFound):
        room.begin(by=room.clinic.consultants[1])
    with pytest.raises(NotFound):
        actions.save(row.public_id, raw={}, page=Page(0), by=room.clinic.consultants[1], now=TEN)


def test_a_draft_keeps_what_was_typed_but_no_hidden_branch(room: Room) -> None:
    row = room.begin()
    raw = {"smoking": ["never"], "cigarettes": ["10"], "medicine_names": ["x"], "alcohol": ["no such"]}
    kept = actions.save(row.public_id, raw=raw, page=Page(0), by=room.consultant, now=TEN)
    kept.refresh_from_db()
    assert kept.draft == {"smoking": ["never"], "alcohol": ["no such"]}


def test_the_later_of_two_pages_is_told_and_overwrites_nothing(room: Room) -> None:
    row = room.begin()
    actions.save(row.public_id, raw={"smoking": ["never"]}, page=Page(0), by=room.consultant, now=TEN)
    with pytest.raises(Conflict, match="另一处"):
        actions.save(row.public_id, raw={"smoking": ["now"]}, page=Page(0), by=room.consultant, now=TEN)
    row = AnswerSet.objects.with_people().get(pk=row.pk)
    assert row.draft == {"smoking": ["never"]}


def test_a_page_whose_answer_was_lost_goes_on_and_another_page_does_not(room: Room) -> None:
    row = room.begin()
    for words in ("华", "华法", "华法林"):
        raw = {"smoking": ["never"], "medicine": ["yes"], "medicine_names": [words]}
        actions.save(row.public_id, raw=raw, page=Page(0, "tablet"), by=room.consultant, now=TEN)
    with pytest.raises(Conflict):
        actions.save(row.public_id, raw={}, page=Page(0, "desk"), by=room.consultant, now=TEN)
    with pytest.raises(Conflict):
        actions.save(row.public_id, raw={}, page=Page(0), by=room.consultant, now=TEN)
    assert AnswerSet.objects.with_people().get().draft["medicine_names"] == ["华法林"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"raw": {}}, "3 题没有答完"),
        ({"signature": ""}, "1 题没有答完"),
        ({"signature": signature(blank=True)}, "签名是空白的"),
        ({"signature": "data:image/png;base64,JVBERi0="}, "无法读取"),
        ({"raw": HABITS | {"cigarettes": ["1000"]}}, "1 题没有答完"),
    ],
)
def test_the_server_alone_says_when_a_set_is_complete(room: Room, values: Any, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        room.complete(**values)
    assert not AnswerSet.objects.complete().exists()
    assert not Alert.objects.exists()


def test_a_complete_set_is_frozen_bytes_and_hash(room: Room) -> None:
    row = room.complete()
    record = files.read(row.record)  # type: ignore[arg-type]
    assert hashlib.sha256(record).hexdigest() == row.record_sha256
    told = json.loads(record)
    assert told["answers"]["medicine_kinds"] == ["anticoagulant"]
    assert told["questionnaire"]["version"] == 1
    assert files.read(row.pdf).startswith(b"%PDF-")  # type: ignore[arg-type]
    assert row.scores == {"habit": "3"}
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerSet.objects.filter(pk=row.pk).update(record_sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerSet.objects.filter(pk=row.pk).delete()
    with pytest.raises(Conflict, match="已经完成"):
        actions.save(row.public_id, raw={}, page=Page(row.revision), by=room.consultant, now=TEN)


def test_answers_lie_sealed_in_the_database(room: Room) -> None:
    row = room.complete()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM journey_answerset WHERE id = %s", [row.pk])
        assert "华法林".encode() not in bytes(cursor.fetchone()[0])


def test_a_correction_starts_from_the_answers_and_supersedes_them(room: Room) -> None:
    first = room.complete()
    draft = room.begin()
    assert draft.supersedes == first
    assert draft.draft["medicine_names"] == ["华法林 2.5 mg"]
    second = room.complete(raw=HABITS | {"medicine": ["no"]})
    assert list(AnswerSet.objects.in_force()) == [second]
    assert "medicine_names" not in second.answers
    line = next(line for line in queries.board(room.case, now=TEN) if line.code == "smoking-medication")
    assert (line.current, list(line.earlier)) == (second, [first])


# ---- flags and decisions ---------------------------------------------------------------------------


def test_medicines_become_safety_flags_once(room: Room) -> None:
    room.complete()
    told = {
        (alert.kind, alert.text, alert.is_severe)
        for alert in Alert.objects.select_related("patient__person__vault_key")
    }
    assert told == {
        ("medication", "抗凝/抗血小板药：华法林 2.5 mg", True),
        ("condition", "吸烟 10 支/天", False),
    }
    room.complete()
    assert Alert.objects.count() == 2


def screening(room: Room) -> Any:
    return facts.gather(room.case, on=TEN, before=CaseStage.PLANNED).referrals


def test_a_positive_screening_stands_before_the_plan_until_a_named_physician_decides(room: Room) -> None:
    room.complete("body-image", MARKED)
    (referral,) = Referral.objects.all()
    assert [fact.outcome for fact in screening(room)] == [None]
    room.complete("body-image", CALM)
    assert [fact.outcome for fact in screening(room)] == [None], "a milder second answer decides nothing"
    with pytest.raises(NotFound):
        referrals.decide(
            referral.public_id, outcome=ReferralOutcome.PROCEED, reason="想做", by=room.consultant, now=TEN
        )
    with pytest.raises(RuleBroken, match="依据"):
        referrals.decide(
            referral.public_id, outcome=ReferralOutcome.PROCEED, reason="可", by=room.surgeon, now=TEN
        )
    for outcome in (ReferralOutcome.DEFER, ReferralOutcome.PROCEED):
        referrals.decide(
            referral.public_id, outcome=outcome, reason="当面谈过，期望合理", by=room.surgeon, now=TEN
        )
        assert [(fact.outcome, fact.by_name) for fact in screening(room)] == [(outcome, room.surgeon.name)]
    decision = referral.decisions.first()
    assert decision is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        referral.decisions.filter(pk=decision.pk).update(outcome="decline")


def test_another_episode_does_not_shake_the_screening_off(room: Room) -> None:
    room.complete("body-image", MARKED)
    other = CaseFactory(patient=room.patient)
    assert len(facts.gather(other, on=TEN, before=CaseStage.PLANNED).referrals) == 1


def test_a_physician_without_a_ground_for_the_chart_decides_nothing(room: Room) -> None:
    room.complete("body-image", MARKED)
    stranger = room.clinic.surgeons[1]
    with pytest.raises(NotFound):
        referrals.decide(
            Referral.objects.get().public_id,
            outcome=ReferralOutcome.PROCEED,
            reason="当面谈过",
            by=stranger,
            now=TEN,
        )


# ---- links ---------------------------------------------------------------------------------------------


def test_the_message_is_neutral_and_only_the_hash_is_kept(room: Room) -> None:
    token = room.invite()
    message = Message.objects.get(template__code="questionnaire.invite")
    assert message.body is not None
    assert re.search(rf"/my/forms/{re.escape(token)}/", message.body)
    for word in (room.case.procedure.name, room.patient.person.name, "用药", "吸烟"):
        assert word not in message.body
    assert token not in QuestionnaireLink.objects.get().token_hash


def test_a_customer_answers_alone_and_the_flags_say_that_she_did(room: Room) -> None:
    token = room.invite()
    row = links.begin(token, code="smoking-medication", now=TEN)
    links.save(token, code="smoking-medication", raw={"smoking": ["now"]}, page=Page(0), now=TEN)
    done = links.complete(
        token, code="smoking-medication", raw=HABITS, page=Page(1), signature=signature(), now=TEN
    )
    assert (done.pk, done.completed_by, done.is_by_customer) == (row.pk, None, True)
    texts = [alert.text for alert in Alert.objects.select_related("patient__person__vault_key")]
    assert all(text.endswith("（客户自填）") for text in texts)
    with pytest.raises(Conflict, match="填完"):
        links.begin(token, code="smoking-medication", now=TEN)


@pytest.mark.parametrize("how", ["unknown", "revoked", "expired", "another code", "closed"])
def test_a_link_that_is_not_good_opens_nothing(room: Room, how: str) -> None:
    token, code, at = room.invite(), "smoking-medication", TEN
    if how == "unknown":
        token = f"{token}x"
    elif how == "revoked":
        links.revoke(QuestionnaireLink.objects.get().public_id, by=room.consultant, now=TEN)
    elif how == "expired":
        at = EIGHT + timedelta(days=7)
    elif how == "another code":
        code = "health-history"
    else:
        Case.objects.filter(pk=room.case.pk).update(stage="closed", closed_at=TEN)
    for act in (
        lambda: links.begin(token, code=code, now=at),
        lambda: links.save(token, code=code, raw={}, page=Page(0), now=at),
        lambda: links.complete(token, code=code, raw=HABITS, page=Page(0), signature=signature(), now=at),
    ):
        with pytest.raises(NotFound):
            act()
    assert not AnswerSet.objects.exists()


def test_a_link_shows_nothing_that_staff_began(room: Room) -> None:
    token = room.invite()
    room.begin()
    with pytest.raises(Conflict, match="医护人员正在"):
        links.begin(token, code="smoking-medication", now=TEN)


def test_without_consent_the_link_first_asks_for_it() -> None:
    room = Room()
    token = room.invite()
    with pytest.raises(RuleBroken, match="还没有同意"):
        links.begin(token, code="smoking-medication", now=TEN)


def test_a_minor_is_not_asked_by_link(room: Room) -> None:
    person = room.patient.person
    person.birth_date = date(2010, 1, 1)
    person.save(update_fields=["birth_date"])
    with pytest.raises(RuleBroken, match="监护人"):
        room.invite()


def test_an_adult_of_limited_capacity_is_not_asked_by_link_either(room: Room) -> None:
    capacity.record(
        room.patient.public_id,
        kind=CapacityKind.LIMITED,
        evidence="（2026）沪 0101 民特 12 号判决",
        by=room.clinic.reception,
        at=TEN,
    )
    with pytest.raises(RuleBroken, match="监护人"):
        room.invite()


def test_whoever_may_not_question_may_not_invite(room: Room) -> None:
    for staff in (room.clinic.staff("cashier", "收银"), room.clinic.consultants[1]):
        with pytest.raises(NotFound):
            links.invite(room.case.public_id, codes=["expectations"], by=staff, now=TEN)
    with pytest.raises(RuleBroken, match="请选"):
        links.invite(room.case.public_id, codes=[str(uuid4())], by=room.consultant, now=TEN)


def test_her_own_copy_has_questions_and_answers_in_words(room: Room) -> None:
    room.complete()
    (told,) = queries.export(room.patient)
    assert told["回答"]["药名、用量、最后一次用的时间"] == "华法林 2.5 mg"  # type: ignore[index]
