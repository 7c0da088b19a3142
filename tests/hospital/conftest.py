from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest


@dataclass(frozen=True)
class Clerk:
    """Somebody who may keep reference data; staff stand above this part."""

    public_id: UUID = field(default_factory=uuid4)
    role_code: str = "admin"


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def now() -> datetime:
    """10:00 on a Wednesday in Shanghai."""
    return datetime(2026, 7, 1, 2, tzinfo=UTC)
