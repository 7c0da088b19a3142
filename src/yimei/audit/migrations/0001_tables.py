import yimei.core.database.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("audit", "0001_initial"),
        ("audit", "0002_seals"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(unique=True, verbose_name='序号')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor', models.UUIDField(null=True, verbose_name='操作人编号')),
                ('role', models.CharField(blank=True, max_length=60, verbose_name='角色')),
                ('on_behalf_of', models.UUIDField(null=True, verbose_name='代表谁操作')),
                ('session', models.CharField(blank=True, max_length=32, verbose_name='会话（摘要）')),
                ('device', models.CharField(blank=True, max_length=200, verbose_name='设备')),
                ('ip', models.CharField(blank=True, max_length=45, verbose_name='IP 地址')),
                ('action', models.CharField(max_length=100, verbose_name='动作')),
                ('subject_key', models.UUIDField(null=True, verbose_name='当事人密钥编号')),
                ('object_type', models.CharField(blank=True, max_length=100, verbose_name='对象类型')),
                ('object_id', models.CharField(blank=True, max_length=64, verbose_name='对象编号')),
                ('level', models.CharField(blank=True, max_length=20, verbose_name='数据级别')),
                ('fields', models.JSONField(default=list, verbose_name='涉及字段')),
                ('purpose', models.CharField(blank=True, max_length=100, verbose_name='目的')),
                ('reason', models.CharField(blank=True, help_text='不写任何人的姓名、电话', max_length=500, verbose_name='理由')),
                ('rows', models.PositiveIntegerField(default=1, verbose_name='行数')),
                ('result', models.CharField(default='ok', max_length=20, verbose_name='结果')),
                ('detail', models.JSONField(default=dict, verbose_name='细节')),
                ('algorithm', models.CharField(choices=[('AES-256-GCM', 'AES-256-GCM 与 SHA-256'), ('SM4-GCM', 'SM4-GCM 与 SM3（商用密码）')], max_length=20, verbose_name='摘要算法')),
                ('prev_hash', models.CharField(max_length=64, verbose_name='上一条摘要')),
                ('hash', models.CharField(max_length=64, verbose_name='本条摘要')),
            ],
            options={
                'verbose_name': '审计记录',
                'verbose_name_plural': '审计记录',
                'indexes': [models.Index(fields=['subject_key', '-seq'], name='audit_subject'), models.Index(fields=['actor', '-at'], name='audit_actor'), models.Index(fields=['object_type', 'object_id'], name='audit_object'), models.Index(fields=['at'], name='audit_at')],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='audit_entry_append_only'), models.CheckConstraint(condition=models.Q(('seq__gte', 1)), name='audit_entry_seq_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True, verbose_name='序号')),
                ('first', models.BigIntegerField(unique=True, verbose_name='首条')),
                ('last', models.BigIntegerField(verbose_name='末条')),
                ('root', models.CharField(max_length=64, verbose_name='根摘要')),
                ('at', models.DateTimeField(verbose_name='封签时间')),
                ('algorithm', models.CharField(choices=[('AES-256-GCM', 'AES-256-GCM 与 SHA-256'), ('SM4-GCM', 'SM4-GCM 与 SM3（商用密码）')], max_length=20, verbose_name='摘要算法')),
                ('mac', models.CharField(max_length=64, verbose_name='签名')),
            ],
            options={
                'verbose_name': '审计封签',
                'verbose_name_plural': '审计封签',
                'ordering': ['number'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='audit_seal_append_only'), models.CheckConstraint(condition=models.Q(('first__gte', 1), ('last__gte', models.F('first')), ('number__gte', 1)), name='audit_seal_in_order')],
            },
        ),
    ]
