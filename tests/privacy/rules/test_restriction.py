"""What a restriction stops and what it lets go on, for every purpose that ships."""

import pytest

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Basis
from yimei.privacy.queries.register import shipped
from yimei.privacy.rules.consents import PurposeFacts
from yimei.privacy.rules.restriction import check_ask, is_stopped, stops

GOES_ON = {
    "care.identity": "预约、建档与联系",
    "care.health": "诊疗中的健康信息",
    "image.clinical": "病历的一部分，手术前要核对",
    "money": "法定义务",
    "audit": "法定义务",
    "security": "法定义务",
}
STOPS = {
    "image.teaching",
    "image.publicity",
    "marketing",
    "membership",
    "survey",
    "sharing.partner",
    "abroad",
    "research",
    "automated",
    "staff",
    "story.share",
}


def facts(row: dict[str, object]) -> PurposeFacts:
    return PurposeFacts(
        code=str(row["code"]),
        name=str(row["name"]),
        basis=Basis(str(row["basis"])),
        mode=None,
        is_sensitive=bool(row["is_sensitive"]),
        is_necessary=bool(row["is_necessary"]),
    )


def test_every_shipped_purpose_is_either_stopped_or_goes_on() -> None:
    stopped = {one.code for row in shipped("purposes") if stops(one := facts(row))}
    going = {one.code for row in shipped("purposes") if not stops(one := facts(row))}
    assert (stopped, going) == (STOPS, set(GOES_ON))


@pytest.mark.parametrize(
    ("code", "basis", "is_necessary", "is_restricted", "expected"),
    [
        ("house.one", Basis.CONSENT, False, True, True),
        ("house.one", Basis.CONTRACT, False, True, True),
        ("house.one", Basis.CONSENT, True, True, False),
        ("house.one", Basis.DUTY, False, True, False),
        ("image.clinical", Basis.CONSENT, False, True, False),
        ("house.one", Basis.CONSENT, False, False, False),
    ],
)
def test_only_the_optional_uses_of_the_restricted_are_stopped(
    code: str, basis: Basis, is_necessary: bool, is_restricted: bool, expected: bool
) -> None:
    purpose = PurposeFacts(code, "某目的", basis, None, is_sensitive=False, is_necessary=is_necessary)
    assert is_stopped(purpose, is_restricted=is_restricted) is expected
    if expected:
        with pytest.raises(RuleBroken, match="本人已要求限制处理"):
            check_ask(purpose, is_restricted=is_restricted)
    else:
        check_ask(purpose, is_restricted=is_restricted)
