"""Photographs before the operation: faces that no camera took."""

import io
from functools import lru_cache

from PIL import Image, ImageDraw

from yimei.hospital.queries import photos_for
from yimei.journey.actions import photos
from yimei.journey.enums import PhotoMoment, Side
from yimei.people.models import Staff
from yimei.rehearsal.actions.walks.way import Way

SKINS = ((238, 206, 179), (224, 187, 158), (205, 163, 132), (246, 219, 198))
TURNS = {"left": -70, "oblique-left": -35, "oblique-right": 35, "right": 70}


class Studio(Way):
    """The series of the procedure, angle by angle."""

    def photograph(self, surgeon: Staff) -> None:
        """Take the whole series of an operation, if the customer agreed when she was registered."""
        if not self.procedure.is_operation or not self.agrees_to_photos:
            return
        skin = self.rng.randrange(len(SKINS))
        side = Side(self.case.side) if self.case.side != Side.NONE else Side.BOTH
        for angle in photos_for(self.case.procedure).angles:
            photos.take(
                self.case.public_id,
                data=drawn_view(skin, TURNS.get(angle.code, 0)),
                angle=angle.code,
                moment=PhotoMoment.BEFORE,
                side=side,
                by=surgeon,
                now=self.now,
            )


@lru_cache(maxsize=32)
def drawn_view(skin: int, turn: int) -> bytes:
    """An oval with two eyes, a nose and a mouth, moved aside as far as the head is turned."""
    picture = Image.new("RGB", (480, 360), (92, 122, 140))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((150, 30, 330, 290), fill=SKINS[skin])
    pen.rectangle((205, 270, 275, 340), fill=SKINS[skin])
    middle = 240 + turn
    for eye in (middle - 38, middle + 38):
        pen.ellipse((eye - 14, 128, eye + 14, 142), fill=(250, 250, 250))
        pen.ellipse((eye - 6, 129, eye + 6, 141), fill=(50, 36, 30))
    pen.line((middle, 140, middle + turn // 4, 185, middle - 10, 190), fill=(150, 110, 90), width=3)
    pen.arc((middle - 30, 205, middle + 30, 240), 20, 160, fill=(170, 70, 70), width=4)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
