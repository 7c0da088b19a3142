import django.db.models.deletion
import uuid
import yimei.core.database.constraints
import yimei.vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("outbox", "0001_initial"),
    ]

    dependencies = [
        ("people", "0001_tables"),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('message_class', models.CharField(choices=[('medical', '医疗'), ('transactional', '服务通知'), ('marketing', '营销')], max_length=14, verbose_name='性质')),
                ('purpose_code', models.CharField(max_length=40, verbose_name='目的')),
                ('subject', models.CharField(blank=True, max_length=80, verbose_name='标题')),
                ('body', models.TextField(verbose_name='正文')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('message_class', models.CharField(choices=[('medical', '医疗'), ('transactional', '服务通知'), ('marketing', '营销')], max_length=14)),
                ('channel', models.CharField(choices=[('file', '开发通道（写入文件）'), ('email', '电子邮件'), ('in_app', '站内')], max_length=10)),
                ('status', models.CharField(choices=[('held', '等待发送时间'), ('queued', '待发送'), ('sending', '发送中'), ('sent', '已发送'), ('failed', '发送失败'), ('unknown', '结果未知'), ('refused', '不得发送')], max_length=10, verbose_name='状态')),
                ('verdict', models.CharField(choices=[('send', '可以发送'), ('hold', '推迟发送'), ('refuse', '不得发送')], max_length=8, verbose_name='决定')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('article', models.CharField(blank=True, max_length=120, verbose_name='依据')),
                ('params', yimei.vault.fields.EncryptedJSON(default=None, null=True)),
                ('body', yimei.vault.fields.EncryptedText(default=None, help_text='已删除的人没有正文', null=True, verbose_name='正文')),
                ('link_token', models.CharField(blank=True, max_length=64)),
                ('key', models.CharField(max_length=120, unique=True, verbose_name='去重键')),
                ('created_at', models.DateTimeField()),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='people.patient')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='outbox.template')),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['patient', '-created_at'], name='message_patient_recent'), models.Index(fields=['status', 'not_before'], name='message_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['held', 'queued', 'sending', 'sent', 'failed', 'unknown', 'refused'])), name='message_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'held'), _negated=True), ('not_before__isnull', False), _connector='OR'), name='message_held_until_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('status', models.CharField(choices=[('held', '等待发送时间'), ('queued', '待发送'), ('sending', '发送中'), ('sent', '已发送'), ('failed', '发送失败'), ('unknown', '结果未知'), ('refused', '不得发送')], max_length=10)),
                ('gateway_ref', models.CharField(blank=True, max_length=120)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='outbox.message')),
            ],
            options={
                'ordering': ['at'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='delivery_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.CharField(max_length=200)),
                ('where', models.CharField(blank=True, max_length=120)),
                ('key', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField()),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['staff', 'read_at'], name='notification_unread')],
                'constraints': [models.UniqueConstraint(fields=('staff', 'key'), name='notification_once')],
            },
        ),
    ]
