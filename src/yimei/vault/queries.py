"""What there is to say about the keys without opening any."""

from typing import Any

from yimei.vault import keys, masters
from yimei.vault.models import DataKey, StoredFile, SystemKey


def live_count() -> int:
    return DataKey.objects.exclude(wrapped=None).count() + SystemKey.objects.count()


def status() -> dict[str, Any]:
    ring = masters.ring() if masters.exists() else None
    return {
        "keys": DataKey.objects.exclude(wrapped=None).count(),
        "destroyed": DataKey.objects.filter(wrapped=None).count(),
        "files": StoredFile.objects.count(),
        "active_master": ring.active.id if ring else "",
        "masters": len(ring.masters) if ring else 0,
        "to_rewrap": keys.stale_count() if ring else 0,
        "source": masters.VARIABLE if masters.is_from_environment() else str(masters.path()),
    }
