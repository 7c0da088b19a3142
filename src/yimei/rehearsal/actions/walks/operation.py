"""The operation: on the board, the documents, the three checks, the recovery room."""

import base64
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw

from yimei.core.clock import local_date
from yimei.core.errors import Conflict
from yimei.hospital.enums import FormKind
from yimei.journey.actions import consents, recovery, surgeries
from yimei.journey.enums import Part, Phase
from yimei.journey.models import Surgery
from yimei.journey.queries import cooling, forms
from yimei.journey.rules import checklist
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.way import MINUTE, Way
from yimei.rehearsal.rules import shapes


class Operation(Way):
    """From the board to the way home."""

    def schedule(self) -> Surgery | None:
        """Put the plan on the board; what is taken gives way to the next free time of the same team."""
        rooms = self.world.rooms["or" if self.procedure.is_operation else "treatment"]
        room, team, start = self.rng.choice(rooms), self.team(), self.hour()
        for _try in range(4):
            try:
                return surgeries.schedule(
                    self.case.public_id,
                    room_id=room.public_id,
                    starts_at=start,
                    team=team,
                    by=self.world.first(RoleCode.SCHEDULER),
                    now=self.now,
                )
            except Conflict as conflict:
                start = conflict.next_free[0][0] if conflict.next_free else start + timedelta(days=1)
        return None

    def team(self) -> surgeries.Team:
        nurse, helper = self.rng.sample(self.world.staff[RoleCode.NURSE], 2)
        deep = self.procedure.needs_anaesthetist
        return surgeries.Team(
            nurse=nurse.public_id,
            anaesthetist=self.world.one(RoleCode.ANAESTHETIST, self.rng).public_id if deep else None,
            assistant=None if deep else helper.public_id,
        )

    def hour(self) -> datetime:
        """The time that the board is asked for, not before the days to think again are over."""
        today = local_date(self.now)
        days = cooling.days(self.procedure.grade, minor=self.guardian is not None, on=today)
        cooled = self.now + timedelta(days=days)
        if self.aim and self.aim.operates_at:
            return max(self.aim.operates_at, cooled + 5 * MINUTE)
        day = today + timedelta(days=self.rng.choice((1, 2, 2, 3, 3, 4, 5, 7)))
        if days:
            day = max(day, local_date(cooled) + timedelta(days=1))
        return shapes.at(day, 9 * 60 + 15 * self.rng.randrange(24))

    def sign(self, plan_id: UUID, surgeon: Staff, surgery: Surgery) -> None:
        """Sign what is still unsigned; the physician who must talk, talks."""
        members = {Part(each.part): each.staff for each in surgery.members.all()}
        for form in forms.required(surgery.plan, self.now):
            if form.signed is None:
                is_anaesthesia = form.template.kind == FormKind.ANAESTHESIA
                drawn = consents.Signatures(
                    customer=drawn_signature(self.n),
                    guardian=drawn_signature(self.n + 1) if self.guardian else "",
                )
                consents.sign(
                    plan_id,
                    form_code=form.template.code,
                    signatures=drawn,
                    questions="知道会肿一到两周，两侧不会完全一样。",
                    choices=["care"] if form.template.kind == FormKind.IMAGE else [],
                    guardian_id=self.guardian.public_id if self.guardian else None,
                    by=members.get(Part.ANAESTHETIST, surgeon) if is_anaesthesia else surgeon,
                    now=self.now,
                )

    def operate(self, surgery: Surgery, surgeon: Staff) -> Iterator[datetime]:
        surgery = surgeries.enter_room(surgery.public_id, by=surgeon, now=self.now)
        yield from self.pause(minutes=(3, 8))
        self.check(surgery, Phase.SIGN_IN)
        surgeries.start_anaesthesia(surgery.public_id, by=surgeon, now=self.now)
        yield from self.pause(minutes=(8, 20))
        self.check(surgery, Phase.TIME_OUT)
        surgeries.start_operation(surgery.public_id, by=surgeon, now=self.now)
        length = self.procedure.minutes_p50 * self.rng.lognormvariate(0, shapes.LENGTH_SIGMA)
        yield from self.until(self.now + timedelta(minutes=max(8, round(length))))
        surgeries.finish_operation(
            surgery.public_id,
            record="按方案施术，过程顺利，止血彻底，逐层缝合。",
            blood_loss_ml=self.rng.randint(2, 60),
            by=surgeon,
            now=self.now,
        )
        yield from self.pause(minutes=(3, 8))
        self.check(surgery, Phase.SIGN_OUT)
        surgeries.leave_room(surgery.public_id, by=surgeon, now=self.now)

    def check(self, surgery: Surgery, phase: Phase) -> None:
        answers = {item.code: "20" if item.is_count else "yes" for item in checklist.ITEMS[phase]}
        members = {Part(each.part): each.staff for each in surgery.members.all()}
        nurse = members[Part.NURSE]
        surgeries.answer_check(surgery.public_id, phase=phase, answers=answers, by=nurse, now=self.now)
        for part in checklist.signers(has_anaesthetist=Part.ANAESTHETIST in members):
            surgeries.sign_check(surgery.public_id, phase=phase, signer=members[part], by=nurse, now=self.now)

    def recover(self, surgery: Surgery) -> Iterator[datetime]:
        nurse = self.world.one(RoleCode.NURSE, self.rng)
        for n in range(3):
            yield from self.pause(minutes=(16, 19))
            recovery.observe(surgery.public_id, signs=self.vitals(n), by=nurse, now=self.now)
        yield from self.pause(minutes=(2, 8))
        recovery.discharge(
            surgery.public_id,
            escort_name=self.rng.choice(("母亲", "丈夫", "朋友")) + self.rng.choice("王李张刘"),
            escort_phone=f"128{self.rng.randrange(10**8):08d}",
            advice_given=True,
            by=nurse,
            now=self.now,
        )

    def vitals(self, n: int) -> recovery.Signs:
        return recovery.Signs(
            at=self.now,
            systolic=self.rng.randint(104, 132),
            diastolic=self.rng.randint(62, 84),
            pulse=self.rng.randint(62, 88),
            respiration=self.rng.randint(13, 18),
            spo2=self.rng.randint(97, 100),
            temperature=Decimal(self.rng.randint(363, 371)) / 10,
            pain=self.rng.randint(0, 3),
            activity=2,
            breathing=2,
            circulation=2,
            consciousness=2 if n else 1,
            oxygen=2,
        )


@lru_cache(maxsize=8)
def _stroke(kind: int) -> str:
    picture = Image.new("RGBA", (480, 160), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    rng = Random(kind)
    points = [(40 + 40 * n, 80 + rng.randint(-45, 45)) for n in range(11)]
    pen.line(points, fill=(20, 30, 40, 255), width=4, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def drawn_signature(n: int) -> str:
    """A drawn line, as the signature pad posts it."""
    return _stroke(n % 8)
