from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0015_sealed_are_restricted")]

    operations = [
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("sealed_at", None), ("restricted_at__isnull", False), _connector="OR"),
                name="patient_sealed_is_restricted",
            ),
        ),
    ]
