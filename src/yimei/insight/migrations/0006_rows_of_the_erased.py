"""Rows that are written once may leave when the key of the person whom they are about is destroyed."""

from typing import Any

from django.db import migrations

from yimei.core.database.constraints import renew_deletes


def renew(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        renew_deletes(apps, editor)


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0005_filled_in_figures"),
        ("growth", "0009_credit"),
        ("journey", "0005_who_chose_a_plan"),
        ("billing", "0004_costs"),
        ("outbox", "0004_numbers_that_refuse"),
        ("privacy", "0006_coming_of_age"),
        ("people", "0010_merges"),
    ]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
