"""After the operation: calls and dressings, reviews, the survey, the end of the case."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from yimei.hospital.enums import StepKind
from yimei.journey.actions import aftercare, surveys
from yimei.journey.enums import ClavienDindo, TaskStatus
from yimei.journey.models import AftercareTask, Survey
from yimei.outbox.models import Message
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.way import DAY, Way
from yimei.rehearsal.rules import shapes

OUTCOMES = ("恢复正常，无不适", "轻度肿胀，已嘱冷敷", "换药顺利，切口干燥", "已拆线，愈合好")
FINDINGS = ("切口愈合好，轻度肿胀，双侧基本对称", "无红肿渗出，形态稳定", "恢复顺利，触感柔软")
COMMENTS = (
    "护士很细心，恢复比想的快。",
    "等候时间有点长，其他都好。",
    "医生把能做到和做不到的都讲清楚了，很安心。",
    "效果满意，术后回访很及时。",
    "价格和当初报的一样，没有加项。",
    "停车不太方便。",
    "",
    "",
)


class Afterwards(Way):
    """From the way home to the last review."""

    def aftercare(self, surgeon: Staff) -> Iterator[datetime]:
        """Do each task near its time; a forgotten one turns red, and is made good weeks later."""
        carer = self.world.first(RoleCode.AFTERCARE)
        forgotten: set[int] = set()
        while task := self._next_task(forgotten):
            yield from self.until(max(task.due_at + self.minutes(-60, 300), self.now))
            if self.forgets():
                forgotten.add(task.pk)
            else:
                yield from self.do(task, surgeon, carer)
        if forgotten:
            yield from self.pause(minutes=(10 * DAY, 25 * DAY))
        while forgotten and (task := self._next_task(set())):
            yield from self.do(task, surgeon, carer)
        yield from self.end(carer)

    def do(self, task: AftercareTask, surgeon: Staff, carer: Staff) -> Iterator[datetime]:
        if task.kind == StepKind.REVIEW:
            yield from self.review(surgeon)
        elif self._is_open(task):
            outcome = self.rng.choice(OUTCOMES)
            aftercare.finish_task(task.public_id, outcome=outcome, has_red_flag=False, by=carer, now=self.now)

    def _next_task(self, forgotten: set[int]) -> AftercareTask | None:
        tasks = AftercareTask.objects.filter(case=self.case, status=TaskStatus.OPEN).exclude(pk__in=forgotten)
        return tasks.order_by("due_at", "id").first()

    def _is_open(self, task: AftercareTask) -> bool:
        return AftercareTask.objects.filter(pk=task.pk, status=TaskStatus.OPEN).exists()

    def review(self, surgeon: Staff) -> Iterator[datetime]:
        is_first = not Survey.objects.filter(case=self.case).exists()
        bad = self.rng.random() < shapes.COMPLICATES
        aftercare.review(
            self.case.public_id,
            findings=self.rng.choice(FINDINGS),
            complication=ClavienDindo.ONE if bad else ClavienDindo.NONE,
            complication_note="局部血肿，加压包扎后吸收" if bad else "",
            goal_reached=self.rng.choices(shapes.GOALS_REACHED, weights=shapes.GOAL_WEIGHTS)[0],
            by=surgeon,
            now=self.now,
        )
        if is_first and self.world.somebody_answers():
            yield from self.pause(minutes=(30, 60 * 30))
            self.answer(bad=bad)

    def answer(self, *, bad: bool) -> None:
        """Follow the link of the invitation, as it was sent."""
        sent = Message.objects.filter(patient=self.patient, template__code="survey.invite")
        link = (sent.latest("created_at").params or {})["link"]
        scores = shapes.SCORES_AFTER_COMPLICATION if bad else shapes.SCORES
        score = self.rng.choices(list(scores), weights=list(scores.values()))[0]
        surveys.answer(
            str(link).rstrip("/").rsplit("/", 1)[-1],
            score=score,
            dimensions={
                name: max(1, min(5, round(score / 2) + self.rng.choice((-1, 0, 0))))
                for name in ("service", "doctor", "result")
            },
            comment=self.rng.choice(COMMENTS),
            now=self.now,
        )

    def end(self, carer: Staff) -> Iterator[datetime]:
        """Close the case once the survey is in or has run out."""
        survey = Survey.objects.filter(case=self.case).first()
        if survey is None:
            return
        settled = survey.answered_at or survey.expires_at
        days = self.rng.randint(20, 40) if self.forgets() else self.rng.randint(1, 4)
        yield from self.until(max(settled, self.now) + timedelta(days=days))
        aftercare.close(self.case.public_id, by=carer, now=self.now)
