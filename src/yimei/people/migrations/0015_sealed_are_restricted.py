from typing import Any

from django.db import migrations
from django.db.models import F


def note(apps: Any, schema_editor: Any) -> None:
    """Whoever is sealed has been restricted since then at the latest."""
    patients = apps.get_model("people", "Patient").objects
    patients.filter(sealed_at__isnull=False, restricted_at=None).update(restricted_at=F("sealed_at"))


class Migration(migrations.Migration):
    dependencies = [("people", "0014_restricted")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
