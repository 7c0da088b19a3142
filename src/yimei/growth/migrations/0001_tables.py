import django.db.models.deletion
import uuid
import yimei.core.database.constraints
import yimei.vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("growth", "0001_leads"),
    ]

    dependencies = [
        ("hospital", "0001_tables"),
        ("journey", "0001_tables"),
        ("people", "0001_tables"),
        ('people', '__first__'),
        ("vault", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', yimei.vault.fields.EncryptedText(verbose_name='称呼')),
                ('phone', yimei.vault.fields.EncryptedText(verbose_name='手机')),
                ('wechat', yimei.vault.fields.EncryptedText(blank=True, default='', verbose_name='微信号')),
                ('phone_token', models.BinaryField(max_length=16, null=True)),
                ('interest', models.CharField(blank=True, choices=[('eye', '眼部'), ('nose', '鼻部'), ('face', '面部'), ('face_bone', '面部骨骼'), ('breast', '胸部'), ('body', '形体'), ('injection', '注射'), ('laser', '光电皮肤'), ('other', '其他')], max_length=12, verbose_name='意向部位')),
                ('source', models.CharField(choices=[('phone', '电话'), ('walk_in', '自然到诊'), ('wechat', '微信'), ('douyin', '抖音'), ('platform', '医美平台'), ('referral', '老带新'), ('partner', '渠道'), ('website', '官网')], max_length=12, verbose_name='首次来源')),
                ('status', models.CharField(choices=[('open', '跟进中'), ('booked', '已预约'), ('lost', '已流失'), ('linked', '并入已有线索')], default='open', max_length=8, verbose_name='状态')),
                ('loss', models.CharField(blank=True, choices=[('invalid', '号码无效'), ('unrelated', '不是本院业务'), ('unreachable', '多次联系不上'), ('refused', '要求不再联系'), ('price', '价格高'), ('comparing', '对比同行'), ('thinking', '暂不考虑'), ('unfit', '身体不合适'), ('erased', '资料已删除'), ('other', '其他')], max_length=12, verbose_name='流失原因')),
                ('created_at', models.DateTimeField(verbose_name='咨询时间')),
                ('first_response_at', models.DateTimeField(blank=True, null=True, verbose_name='首次回应时间')),
                ('last_touch_at', models.DateTimeField(verbose_name='最近联系时间')),
                ('next_due_at', models.DateTimeField(blank=True, null=True, verbose_name='下次联系时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='删除时间')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='hospital.campus', verbose_name='院区')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('duplicate_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='growth.lead', verbose_name='并入')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to=settings.AUTH_USER_MODEL, verbose_name='归属人')),
                ('patient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='people.patient', verbose_name='客户')),
                ('vault_key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.datakey')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['phone_token'], name='lead_phone'), models.Index(fields=['owner', 'status', 'next_due_at'], name='lead_owner_due'), models.Index(fields=['campus', 'status', '-created_at'], name='lead_campus_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['open', 'booked', 'lost', 'linked'])), name='lead_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'open'), _negated=True), ('owner', None), ('next_due_at__isnull', False), _connector='OR'), name='lead_open_has_next_action'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='lead_end_timed'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'lost'), models.Q(('loss', ''), _negated=True)), models.Q(models.Q(('status', 'lost'), _negated=True), ('loss', '')), _connector='OR'), name='lead_lost_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('duplicate_of__isnull', False), ('status', 'linked')), models.Q(models.Q(('status', 'linked'), _negated=True), ('duplicate_of', None)), _connector='OR'), name='lead_linked_to_one'), models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('owner', None), ('phone_token', None)), _connector='OR'), name='lead_erased_whole')],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('round_robin', '轮流分配'), ('least_busy', '少者优先'), ('original', '原归属人'), ('self', '登记人自己跟进'), ('claim', '从公海领取'), ('transfer', '主管转交')], max_length=12)),
                ('seed', models.CharField(max_length=64)),
                ('candidates', models.JSONField()),
                ('at', models.DateTimeField()),
                ('chosen', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='growth.lead')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='draw_append_only')],
            },
        ),
        migrations.CreateModel(
            name='LeadStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('created', '登记线索'), ('linked', '重复登记，并入已有线索'), ('again', '再次咨询'), ('assigned', '分配'), ('claimed', '领取'), ('released', '放回公海'), ('recycled', '自动回收到公海'), ('transferred', '转交'), ('booked', '预约'), ('lost', '登记流失'), ('reopened', '重新跟进'), ('erased', '删除资料')], max_length=12, verbose_name='事项')),
                ('why', models.CharField(blank=True, max_length=12, verbose_name='原因')),
                ('at', models.DateTimeField()),
                ('booking', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journey.booking')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='growth.lead')),
                ('other', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='growth.lead')),
                ('owner_after', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_before', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [yimei.core.database.constraints.AppendOnly(erasable=['why'], name='lead_step_append_only'), models.CheckConstraint(condition=models.Q(('kind__in', ['created', 'linked', 'again', 'assigned', 'claimed', 'released', 'recycled', 'transferred', 'booked', 'lost', 'reopened', 'erased'])), name='lead_step_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='OwnerPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('round_robin', '轮流分配'), ('least_busy', '少者优先'), ('original', '原归属人'), ('self', '登记人自己跟进'), ('claim', '从公海领取'), ('transfer', '主管转交')], max_length=12, verbose_name='分配方式')),
                ('since', models.DateTimeField()),
                ('due_on', models.DateField(help_text='含当日', verbose_name='保护至')),
                ('first_days', models.PositiveSmallIntegerField()),
                ('activity_days', models.PositiveSmallIntegerField()),
                ('most_days', models.PositiveSmallIntegerField()),
                ('idle_days', models.PositiveSmallIntegerField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('released', '放回公海'), ('expired', '保护期满未成交，自动回收'), ('idle', '多日未跟进，自动回收'), ('transferred', '已转交'), ('booked', '已预约'), ('lost', '已流失'), ('erased', '资料已删除')], max_length=12, verbose_name='结束原因')),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='growth.lead')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lead_periods', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['since', 'id'],
                'indexes': [models.Index(fields=['staff', 'rule', 'since'], name='owner_period_claims')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('lead',), name='lead_one_owner'), models.CheckConstraint(condition=models.Q(models.Q(('ended_because', ''), ('until', None)), models.Q(('until__gte', models.F('since')), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='owner_period_ends_for_a_reason'), models.CheckConstraint(condition=models.Q(('rule__in', ['round_robin', 'least_busy', 'original', 'self', 'claim', 'transfer'])), name='owner_period_rule_known'), yimei.core.database.constraints.AppendOnly(allow=['until', 'ended_because', 'due_on'], name='owner_period_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('form', '网上咨询'), ('call_in', '来电'), ('visit', '到店咨询'), ('call_out', '去电'), ('wechat', '微信')], max_length=10, verbose_name='方式')),
                ('outcome', models.CharField(choices=[('asked', '提出咨询'), ('reached', '已沟通'), ('wants_visit', '愿意到院'), ('call_back', '约定再联系'), ('no_answer', '未接通'), ('refused', '拒绝联系'), ('wrong_number', '空号或错号')], max_length=12, verbose_name='结果')),
                ('source', models.CharField(choices=[('phone', '电话'), ('walk_in', '自然到诊'), ('wechat', '微信'), ('douyin', '抖音'), ('platform', '医美平台'), ('referral', '老带新'), ('partner', '渠道'), ('website', '官网')], max_length=12, verbose_name='来源')),
                ('note', yimei.vault.fields.EncryptedText(blank=True, default='', verbose_name='内容')),
                ('next_due_at', models.DateTimeField(blank=True, null=True, verbose_name='约定下次联系')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='growth.lead')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='touch_append_only'), models.CheckConstraint(condition=models.Q(('kind__in', ['form', 'call_in', 'visit', 'call_out', 'wechat'])), name='touch_kind_known'), models.CheckConstraint(condition=models.Q(('outcome__in', ['asked', 'reached', 'wants_visit', 'call_back', 'no_answer', 'refused', 'wrong_number'])), name='touch_outcome_known')],
            },
        ),
    ]
