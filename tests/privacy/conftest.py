from datetime import datetime

import pytest

from tests.factories import shipped
from yimei.hospital.models import Campus


@pytest.fixture
def campus(db: None, now: datetime) -> Campus:
    """A campus with the register loaded and both notices published."""
    return shipped.campus(now.replace(month=1), **shipped.HOSPITAL)
