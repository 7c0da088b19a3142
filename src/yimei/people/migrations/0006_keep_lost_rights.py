from datetime import timedelta
from typing import Any

from django.db import migrations

DAYS = 90
"""The number that held when these looks were judged."""


def keep(apps: Any, schema_editor: Any) -> None:
    looks = apps.get_model("people", "BreakGlass").objects.filter(is_justified=False, lost_until=None)
    for look in looks.iterator():
        look.lost_until = look.reviewed_at + timedelta(days=DAYS)
        look.save(update_fields=["lost_until"])


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("people", "BreakGlass").objects.exclude(lost_until=None).update(lost_until=None)


class Migration(migrations.Migration):
    dependencies = [("people", "0005_glass_lost_until")]

    operations = [migrations.RunPython(keep, forget)]
