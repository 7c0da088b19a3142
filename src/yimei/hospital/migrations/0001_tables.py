import datetime
import django.db.models.deletion
import uuid
import yimei.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("hospital", "0001_initial"),
        ("hospital", "0002_ranges_and_stop_rules"),
        ("hospital", "0003_versions_of_ranges_and_stops"),
        ("hospital", "0004_range_ids"),
        ("hospital", "0005_range_ids_stand"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='日期')),
                ('kind', models.CharField(choices=[('holiday', '法定节假日'), ('workday', '调休上班')], max_length=10, verbose_name='性质')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('source', models.CharField(max_length=120, verbose_name='依据')),
            ],
            options={
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='TestItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=24, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('number', '数值'), ('finding', '结论')], max_length=10, verbose_name='结果类型')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='单位')),
                ('low', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='参考下限')),
                ('high', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='参考上限')),
                ('normal_text', models.CharField(blank=True, max_length=40, verbose_name='正常结论')),
                ('only_sex', models.CharField(blank=True, max_length=1, verbose_name='仅限性别')),
                ('validity_days', models.PositiveSmallIntegerField(verbose_name='有效天数')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Campus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=16, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('licence_no', models.CharField(blank=True, max_length=40, verbose_name='医疗机构执业许可证号')),
                ('institution_kind', models.CharField(choices=[('clinic', '医疗美容诊所'), ('outpatient', '医疗美容门诊部'), ('hospital', '美容医院'), ('specialist', '整形外科医院')], max_length=16, verbose_name='机构类别')),
                ('max_grade', models.PositiveSmallIntegerField(choices=[(0, '非手术'), (1, '一级'), (2, '二级'), (3, '三级'), (4, '四级')], verbose_name='可开展手术最高级别')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('max_grade__range', (0, 4))), name='campus_grade_known')],
            },
        ),
        migrations.CreateModel(
            name='FormTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=40, verbose_name='编码')),
                ('version', models.PositiveIntegerField(verbose_name='版本')),
                ('kind', models.CharField(choices=[('surgery', '手术知情同意书'), ('anaesthesia', '麻醉知情同意书'), ('image', '影像采集与使用同意书'), ('advice', '术后注意事项')], max_length=16, verbose_name='类别')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('sections', models.JSONField(help_text='[{title, paragraphs: [text], choices?: [{code, text}]}]', verbose_name='章节')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('published_at', models.DateTimeField(verbose_name='发布时间')),
            ],
            options={
                'ordering': ['code', '-version'],
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='form_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Procedure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=24, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('category', models.CharField(choices=[('eye', '眼部'), ('nose', '鼻部'), ('face', '面部'), ('face_bone', '面部骨骼'), ('breast', '胸部'), ('body', '形体'), ('injection', '注射'), ('laser', '光电皮肤'), ('other', '其他')], max_length=16, verbose_name='类别')),
                ('field', models.CharField(choices=[('surgery', '美容外科'), ('dental', '美容牙科'), ('dermatology', '美容皮肤科'), ('tcm', '美容中医科')], max_length=16, verbose_name='专业')),
                ('grade', models.PositiveSmallIntegerField(choices=[(0, '非手术'), (1, '一级'), (2, '二级'), (3, '三级'), (4, '四级')], verbose_name='手术级别')),
                ('anaesthesia', models.CharField(choices=[('none', '不麻醉'), ('topical', '表面麻醉'), ('local', '局部麻醉'), ('sedation', '局部麻醉 + 镇静'), ('general', '全身麻醉')], max_length=16, verbose_name='常用麻醉')),
                ('minutes_p50', models.PositiveSmallIntegerField(verbose_name='手术时长中位数')),
                ('minutes_p90', models.PositiveSmallIntegerField(verbose_name='手术时长九成位')),
                ('setup_minutes', models.PositiveSmallIntegerField(verbose_name='准备')),
                ('turnover_minutes', models.PositiveSmallIntegerField(verbose_name='清场')),
                ('recovery_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='恢复室时长')),
                ('has_side', models.BooleanField(default=False, verbose_name='区分左右')),
                ('deposit', yimei.core.fields.MoneyField(default=0, verbose_name='定金')),
                ('needs_consult_days', models.PositiveSmallIntegerField(blank=True, help_text='空着表示不要求先面诊', null=True, verbose_name='须先面诊（天内有效）')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='临床确认时间')),
                ('confirmed_by', models.UUIDField(blank=True, null=True, verbose_name='临床确认人')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'ordering': ['category', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('grade__range', (0, 4))), name='procedure_grade_known'), models.CheckConstraint(condition=models.Q(('minutes_p50__gt', 0), ('minutes_p90__gte', models.F('minutes_p50'))), name='procedure_minutes_sane'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='procedure_confirmed_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='AftercareStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('call', '电话回访'), ('dressing', '换药'), ('sutures', '拆线'), ('review', '复查'), ('survey', '满意度')], max_length=12, verbose_name='类别')),
                ('title', models.CharField(max_length=80, verbose_name='内容')),
                ('day', models.PositiveSmallIntegerField(verbose_name='术后第几天')),
                ('window_hours', models.PositiveSmallIntegerField(default=24, verbose_name='宽限小时')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aftercare_steps', to='hospital.procedure')),
            ],
            options={
                'ordering': ['procedure_id', 'day', 'kind'],
            },
        ),
        migrations.CreateModel(
            name='StopRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('valid_from', models.DateField(default=datetime.date(1970, 1, 1), verbose_name='生效')),
                ('valid_to', models.DateField(blank=True, help_text='不含当日', null=True, verbose_name='失效')),
                ('entered_at', models.DateTimeField(blank=True, null=True, verbose_name='录入时间')),
                ('entered_by', models.UUIDField(blank=True, help_text='空着表示随程序发布', null=True, verbose_name='录入人')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='临床确认时间')),
                ('confirmed_by', models.UUIDField(blank=True, null=True, verbose_name='临床确认人')),
                ('code', models.CharField(max_length=24, verbose_name='编码')),
                ('kind', models.CharField(choices=[('medication', '用药'), ('menses', '月经期'), ('pregnancy', '妊娠'), ('lactation', '哺乳'), ('infection', '感染'), ('smoking', '吸烟')], max_length=12, verbose_name='类别')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('words', models.JSONField(default=list, help_text='写在用药或安全提醒里的药名', verbose_name='识别用词')),
                ('days', models.PositiveSmallIntegerField(verbose_name='须间隔天数')),
                ('from_grade', models.PositiveSmallIntegerField(default=1, verbose_name='自手术级别')),
                ('only_sex', models.CharField(blank=True, max_length=1, verbose_name='仅限性别')),
                ('may_override', models.BooleanField(default=True, verbose_name='医师可说明理由放行')),
                ('advice', models.CharField(blank=True, max_length=200, verbose_name='提示')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'ordering': ['kind', 'code', 'valid_from'],
                'constraints': [models.UniqueConstraint(fields=('code', 'valid_from'), name='stop_rule_once'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('code',), name='stop_rule_one_open'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='stop_rule_ends_after_start'), models.CheckConstraint(condition=models.Q(('days__lte', 730)), name='stop_rule_days_sane'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='stop_rule_confirmed_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=16, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='hospital.campus', verbose_name='院区')),
            ],
            options={
                'ordering': ['campus_id', 'code'],
                'constraints': [models.UniqueConstraint(fields=('campus', 'code'), name='department_code_once', violation_error_message='本院区已有相同的编码。')],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=16, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('serial_no', models.CharField(blank=True, max_length=60, verbose_name='序列号')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='hospital.campus', verbose_name='院区')),
            ],
            options={
                'ordering': ['campus_id', 'code'],
                'constraints': [models.UniqueConstraint(fields=('campus', 'code'), name='device_code_once', violation_error_message='本院区已有相同的编码。')],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', yimei.core.fields.MoneyField(verbose_name='价格')),
                ('valid_from', models.DateField(verbose_name='生效')),
                ('valid_to', models.DateField(blank=True, help_text='不含当日', null=True, verbose_name='失效')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='hospital.campus')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='hospital.procedure')),
            ],
            options={
                'ordering': ['procedure_id', 'campus_id', '-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='price_not_negative'), models.UniqueConstraint(fields=('procedure', 'campus', 'valid_from'), name='price_once_a_day'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('procedure', 'campus'), name='price_one_open'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='price_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='ProcedureForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_code', models.CharField(max_length=40, verbose_name='表单编码')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='required_forms', to='hospital.procedure')),
            ],
            options={
                'ordering': ['procedure_id', 'form_code'],
                'constraints': [models.UniqueConstraint(fields=('procedure', 'form_code'), name='procedure_form_once')],
            },
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=16, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('kind', models.CharField(choices=[('consult', '诊室'), ('treatment', '治疗室'), ('or', '手术室'), ('pacu', '恢复室'), ('ward', '病房')], max_length=16, verbose_name='类别')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rooms', to='hospital.campus', verbose_name='院区')),
            ],
            options={
                'ordering': ['campus_id', 'kind', 'code'],
                'constraints': [models.UniqueConstraint(fields=('campus', 'code'), name='room_code_once', violation_error_message='本院区已有相同的编码。')],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(max_length=16, verbose_name='编码')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('starts', models.TimeField(verbose_name='开始')),
                ('ends', models.TimeField(verbose_name='结束')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='hospital.campus', verbose_name='院区')),
            ],
            options={
                'ordering': ['campus_id', 'starts'],
                'constraints': [models.UniqueConstraint(fields=('campus', 'code'), name='shift_code_once', violation_error_message='本院区已有相同的编码。'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='shift_ends_after_start', violation_error_message='班次的结束时间必须晚于开始时间，不能跨过午夜。')],
            },
        ),
        migrations.CreateModel(
            name='ProcedureTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='required_tests', to='hospital.procedure')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.testitem')),
            ],
            options={
                'ordering': ['procedure_id', 'test__code'],
                'constraints': [models.UniqueConstraint(fields=('procedure', 'test'), name='procedure_test_once')],
            },
        ),
        migrations.CreateModel(
            name='TestRange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('valid_from', models.DateField(default=datetime.date(1970, 1, 1), verbose_name='生效')),
                ('valid_to', models.DateField(blank=True, help_text='不含当日', null=True, verbose_name='失效')),
                ('entered_at', models.DateTimeField(blank=True, null=True, verbose_name='录入时间')),
                ('entered_by', models.UUIDField(blank=True, help_text='空着表示随程序发布', null=True, verbose_name='录入人')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='临床确认时间')),
                ('confirmed_by', models.UUIDField(blank=True, null=True, verbose_name='临床确认人')),
                ('sex', models.CharField(blank=True, help_text='空着表示不分性别', max_length=1, verbose_name='性别')),
                ('age_from', models.PositiveSmallIntegerField(default=0, verbose_name='自几岁（含）')),
                ('age_below', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='未满几岁')),
                ('low', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='参考下限')),
                ('high', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='参考上限')),
                ('critical_low', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='危急值下限')),
                ('critical_high', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True, verbose_name='危急值上限')),
                ('evidence', models.CharField(choices=[('official', '已核对原文'), ('secondary', '二手资料'), ('unverified', '未核实，待临床确认')], default='unverified', max_length=12, verbose_name='核实')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ranges', to='hospital.testitem')),
            ],
            options={
                'ordering': ['test__code', 'sex', 'age_from', 'valid_from'],
                'constraints': [models.UniqueConstraint(fields=('test', 'sex', 'age_from', 'valid_from'), name='test_range_once'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('test', 'sex', 'age_from'), name='test_range_one_open'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='test_range_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='test_range_confirmed_by_someone'), models.CheckConstraint(condition=models.Q(('age_below', None), ('age_below__gt', models.F('age_from')), _connector='OR'), name='test_range_ages_ordered'), models.CheckConstraint(condition=models.Q(('low', None), ('high', None), ('high__gte', models.F('low')), _connector='OR'), name='test_range_limits_ordered')],
            },
        ),
    ]
