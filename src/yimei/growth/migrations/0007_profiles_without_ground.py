"""What was worked out for marketing alone goes from the profiles of those who did not agree to any of it."""

from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import Q


def clear(apps: Any, schema_editor: Any) -> None:
    profiles = apps.get_model("growth", "Profile").objects.using(schema_editor.connection.alias)
    said_no = Q(agrees_marketing=False, agrees_profiling=False) | Q(refuses_profiling=True)
    profiles.filter(said_no).update(
        birthday=None, case_loss="", paid_times=0, paid_total=Decimal(0), rfm="none"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("growth", "0006_coupons"),
    ]

    operations = [
        migrations.RunPython(clear, migrations.RunPython.noop),
    ]
