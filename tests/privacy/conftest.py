from datetime import datetime

import pytest

from tests.factories.hospital import CampusFactory
from yimei.hospital.models import Campus
from yimei.outbox.actions import reference as outbox_reference
from yimei.privacy.actions import reference


@pytest.fixture
def campus(db: None, now: datetime) -> Campus:
    """A campus with the register loaded and both notices published."""
    campus = CampusFactory(name="颐美示范医院", address="上海市示范路 1 号", phone="021-00000000")
    reference.load(now.replace(month=1))
    outbox_reference.load(now.replace(month=1))
    return campus
