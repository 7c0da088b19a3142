"""Pictures that no camera took, and photos of a case made by the action itself."""

import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image, ImageDraw

from tests.factories.journey import CaseFactory
from tests.factories.kept import Kept
from tests.factories.people import CareRelationFactory, PatientFactory, StaffFactory
from tests.factories.privacy import ConsentFactory, NoticeFactory, PurposeFactory
from yimei.hospital.queries import photos_for
from yimei.journey.actions import photos
from yimei.journey.enums import CaseStage, PhotoMoment
from yimei.journey.models import Case, Photo
from yimei.people.enums import CareReason
from yimei.people.models import Patient, Staff
from yimei.privacy.enums import ConsentMode
from yimei.privacy.models import Consent

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""


def drawn(
    width: int = 640, height: int = 480, *, form: str = "JPEG", shade: int = 200, **options: Any
) -> bytes:
    """A grey face on a dark ground, upright: the lower left corner is red."""
    image = Image.new("RGB", (width, height), (30, 40, 60))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.3, height * 0.1, width * 0.7, height * 0.9), fill=(shade, shade - 20, shade - 40))
    draw.rectangle((0, height * 0.8, width * 0.2, height), fill=(220, 20, 20))
    output = io.BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


def consent(patient: Patient, code: str = "image.clinical", **values: Any) -> Consent:
    """A yes to one purpose of images."""
    purpose = PurposeFactory(code=code, name=code, is_sensitive=True, mode=ConsentMode.SEPARATE)
    notice = NoticeFactory(purposes=[purpose])
    return ConsentFactory(patient=patient, purpose=purpose, notice=notice, **values)


class Studio(metaclass=Kept):
    """One customer of a nose operation who agreed to be photographed, her surgeon, a nurse of the house."""

    def __init__(self, *, category: str = "nose", agreed: bool = True, **procedure: Any) -> None:
        patient = PatientFactory(registered=True)
        values = {f"procedure__{name}": value for name, value in procedure.items()}
        self.case: Case = CaseFactory(
            patient=patient,
            procedure__category=category,
            procedure__name="鼻整形",
            stage=CaseStage.SCHEDULED,
            **values,
        )
        self.patient = patient
        self.surgeon = self.staff("surgeon", "陈屿")
        self.nurse = self.staff("nurse", "刘护士")
        self.cares(self.surgeon, CareReason.SURGEON)
        if agreed:
            self.consent = consent(patient)

    def staff(self, role: str, name: str) -> Staff:
        return StaffFactory(role=role, name=name, campus=self.patient.campus)

    def cares(self, staff: Staff, reason: CareReason = CareReason.CONSULTANT) -> None:
        CareRelationFactory(staff=staff, patient=self.patient, reason=reason)

    def take(self, angle: str = "front", **values: Any) -> Photo:
        asked = {
            "data": drawn(shade=120 + len(angle) * 5),
            "moment": PhotoMoment.BEFORE,
            "by": self.surgeon,
            "now": NOW,
        }
        return photos.take(self.case.public_id, angle=angle, **asked | values)

    def take_all(self, **values: Any) -> list[Photo]:
        return [self.take(angle.code, **values) for angle in photos_for(self.case.procedure).angles]
