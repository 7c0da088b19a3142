import uuid

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_ids(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    ranges = apps.get_model("hospital", "TestRange").objects
    for row in ranges.filter(public_id=None):
        row.public_id = uuid.uuid4()
        row.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [
        ("hospital", "0003_versions_of_ranges_and_stops"),
    ]

    operations = [migrations.RunPython(give_ids, migrations.RunPython.noop)]
