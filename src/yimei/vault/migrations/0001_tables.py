import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("vault", "0001_initial"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='密钥编号')),
                ('wrapped', models.BinaryField(null=True, verbose_name='加密后的密钥')),
                ('algorithm', models.CharField(choices=[('AES-256-GCM', 'AES-256-GCM 与 SHA-256'), ('SM4-GCM', 'SM4-GCM 与 SM3（商用密码）')], max_length=20, verbose_name='算法')),
                ('master_id', models.CharField(db_index=True, max_length=16, verbose_name='主密钥编号')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='生成时间')),
                ('destroyed_at', models.DateTimeField(null=True, verbose_name='销毁时间')),
            ],
            options={
                'verbose_name': '数据密钥',
                'verbose_name_plural': '数据密钥',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at__isnull', False), ('wrapped__isnull', True)), models.Q(('destroyed_at__isnull', True), ('wrapped__isnull', False)), _connector='OR'), name='vault_key_live_or_destroyed'), models.CheckConstraint(condition=models.Q(('algorithm__in', ['AES-256-GCM', 'SM4-GCM'])), name='vault_key_algorithm_known')],
            },
        ),
        migrations.CreateModel(
            name='SystemKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='用途')),
                ('wrapped', models.BinaryField(verbose_name='加密后的密钥')),
                ('algorithm', models.CharField(choices=[('AES-256-GCM', 'AES-256-GCM 与 SHA-256'), ('SM4-GCM', 'SM4-GCM 与 SM3（商用密码）')], max_length=20, verbose_name='算法')),
                ('master_id', models.CharField(max_length=16, verbose_name='主密钥编号')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='生成时间')),
            ],
            options={
                'verbose_name': '系统密钥',
                'verbose_name_plural': '系统密钥',
                'constraints': [models.CheckConstraint(condition=models.Q(('algorithm__in', ['AES-256-GCM', 'SM4-GCM'])), name='vault_system_key_algorithm_known')],
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='文件编号')),
                ('sha256', models.CharField(max_length=64, verbose_name='原文摘要')),
                ('size', models.PositiveBigIntegerField(verbose_name='字节数')),
                ('content_type', models.CharField(max_length=100, verbose_name='类型')),
                ('algorithm', models.CharField(choices=[('AES-256-GCM', 'AES-256-GCM 与 SHA-256'), ('SM4-GCM', 'SM4-GCM 与 SM3（商用密码）')], max_length=20, verbose_name='算法')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='存入时间')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='vault.datakey', verbose_name='数据密钥')),
            ],
            options={
                'verbose_name': '加密文件',
                'verbose_name_plural': '加密文件',
                'constraints': [models.CheckConstraint(condition=models.Q(('algorithm__in', ['AES-256-GCM', 'SM4-GCM'])), name='vault_file_algorithm_known')],
            },
        ),
    ]
