import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("core", "0001_initial"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.CharField(max_length=200, unique=True, verbose_name='幂等键')),
                ('name', models.CharField(max_length=100, verbose_name='任务')),
                ('payload', models.JSONField(default=dict, help_text='只放编号，不放姓名、电话等个人信息', verbose_name='参数')),
                ('status', models.CharField(choices=[('waiting', '等待中'), ('running', '进行中'), ('done', '已完成'), ('failed', '失败')], default='waiting', max_length=10, verbose_name='状态')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='已尝试次数')),
                ('lease_until', models.DateTimeField(null=True, verbose_name='占用至，或此前不再尝试')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='交给队列的时间')),
                ('enqueued_at', models.DateTimeField(verbose_name='登记时间')),
                ('started_at', models.DateTimeField(null=True, verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='错误类型')),
                ('progress_done', models.PositiveIntegerField(default=0, verbose_name='已完成')),
                ('progress_total', models.PositiveIntegerField(default=0, verbose_name='总数')),
            ],
            options={
                'verbose_name': '后台任务',
                'verbose_name_plural': '后台任务',
                'indexes': [models.Index(condition=models.Q(('status__in', ['waiting', 'running'])), fields=['enqueued_at'], name='core_job_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'done', 'failed'])), name='core_job_status_known')],
            },
        ),
    ]
