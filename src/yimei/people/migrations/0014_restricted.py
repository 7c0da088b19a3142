from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hospital", "0002_procedure_online"),
        ("people", "0013_own_role_offers"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="restricted_at",
            field=models.DateTimeField(
                blank=True,
                help_text="自此停止一切可选用途；封存的必先限制（个人信息保护法第四十四条）",
                null=True,
                verbose_name="限制处理时间",
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                condition=models.Q(("restricted_at__isnull", False)),
                fields=["restricted_at"],
                name="patient_restricted",
            ),
        ),
    ]
