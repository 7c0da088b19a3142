import django.db.models.deletion
import uuid
import yimei.vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_care_and_minors"),
        ("people", "0003_insight_permissions"),
        ("people", "0004_campus_access"),
        ("people", "0005_capacity_findings"),
        ("people", "0006_lead_permissions"),
        ("people", "0007_import_permission"),
    ]

    dependencies = [
        ("hospital", "0001_tables"),
        ("vault", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name='FileSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['year'],
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=24, unique=True, verbose_name='编码')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('needs_totp', models.BooleanField(default=False, verbose_name='必须使用动态口令')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Staff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='用户名')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='邮箱')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='职称')),
                ('is_active', models.BooleanField(default=True, verbose_name='在职')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='须修改密码')),
                ('password_changed_at', models.DateTimeField(blank=True, null=True, verbose_name='密码修改时间')),
                ('totp_secret', yimei.vault.fields.EncryptedText(blank=True, default='', verbose_name='动态口令密钥')),
                ('totp_confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='动态口令启用时间')),
                ('totp_last_step', models.BigIntegerField(default=-1, verbose_name='最近使用的动态口令步')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='hospital.campus', verbose_name='院区')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='hospital.department', verbose_name='科室')),
                ('vault_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.datakey')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='people.role', verbose_name='角色')),
            ],
            options={
                'verbose_name': '员工',
                'verbose_name_plural': '员工',
                'ordering': ['campus_id', 'role_id', 'username'],
            },
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file_no', models.CharField(blank=True, max_length=20, null=True, unique=True, verbose_name='档案号')),
                ('source', models.CharField(choices=[('phone', '电话'), ('walk_in', '自然到诊'), ('wechat', '微信'), ('douyin', '抖音'), ('platform', '医美平台'), ('referral', '老带新'), ('partner', '渠道'), ('website', '官网')], max_length=12, verbose_name='首次来源')),
                ('is_vip', models.BooleanField(default=False, verbose_name='VIP')),
                ('created_at', models.DateTimeField(verbose_name='首次联系时间')),
                ('registered_at', models.DateTimeField(blank=True, null=True, verbose_name='建档时间')),
                ('sealed_at', models.DateTimeField(blank=True, help_text='只许存储，不再处理（个人信息保护法第四十七条第二款）', null=True, verbose_name='封存时间')),
                ('sealed_until', models.DateField(blank=True, help_text='含当日；期满自动删除', null=True, verbose_name='封存至')),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='hospital.campus', verbose_name='院区')),
                ('consultant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='归属现场')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('employee', models.OneToOneField(blank=True, help_text='员工本人是客户：同事的病历只对照护团队开放，本人通过患者端查看', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_file', to=settings.AUTH_USER_MODEL, verbose_name='本院员工')),
                ('online', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='归属开发')),
                ('registered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('surgeon', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='主治医生')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('planted_at', models.DateTimeField(verbose_name='埋设时间')),
                ('planted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='埋设人')),
                ('planted_for', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='canary', to=settings.AUTH_USER_MODEL, verbose_name='为谁埋设')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='canary', to='people.patient')),
            ],
            options={
                'ordering': ['planted_at'],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', yimei.vault.fields.EncryptedText(verbose_name='姓名')),
                ('phone', yimei.vault.fields.EncryptedText(blank=True, default='', verbose_name='手机')),
                ('id_no', yimei.vault.fields.EncryptedText(blank=True, default='', verbose_name='证件号')),
                ('birth_date', yimei.vault.fields.EncryptedDate(blank=True, null=True, verbose_name='出生日期')),
                ('sex', models.CharField(choices=[('F', '女'), ('M', '男'), ('U', '未登记')], default='U', max_length=1, verbose_name='性别')),
                ('created_at', models.DateTimeField()),
                ('vault_key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.datakey')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('sex__in', ['F', 'M', 'U'])), name='person_sex_known')],
            },
        ),
        migrations.AddField(
            model_name='patient',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='patient', to='people.person'),
        ),
        migrations.CreateModel(
            name='Guardian',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('relation', models.CharField(choices=[('father', '父亲'), ('mother', '母亲'), ('spouse', '配偶'), ('other', '其他监护人')], max_length=10, verbose_name='关系')),
                ('proof', yimei.vault.fields.EncryptedText(help_text='户口簿、出生医学证明等，写明证件名称与编号', verbose_name='关系证明')),
                ('verified_at', models.DateTimeField(blank=True, null=True, verbose_name='核对时间')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guardians', to='people.patient')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guards', to='people.person')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('patient', 'person'), name='guardian_once'), models.CheckConstraint(condition=models.Q(models.Q(('verified_at', None), ('verified_by', None)), models.Q(('verified_at__isnull', False), ('verified_by__isnull', False)), _connector='OR'), name='guardian_verified_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='Privilege',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('field', models.CharField(choices=[('surgery', '美容外科'), ('dental', '美容牙科'), ('dermatology', '美容皮肤科'), ('tcm', '美容中医科')], max_length=16, verbose_name='专业')),
                ('max_grade', models.PositiveSmallIntegerField(choices=[(0, '非手术'), (1, '一级'), (2, '二级'), (3, '三级'), (4, '四级')], verbose_name='最高级别')),
                ('valid_from', models.DateField(verbose_name='生效')),
                ('valid_to', models.DateField(help_text='含当日', verbose_name='失效')),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='privileges', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['staff_id', 'field', '-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__gte', models.F('valid_from'))), name='privilege_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('permission', models.CharField(choices=[('patient.view', '查看客户'), ('patient.write', '登记与修改客户'), ('patient.reveal', '显示完整联系方式'), ('clinical.view', '查看病历'), ('clinical.write', '书写病历'), ('booking.view', '查看预约'), ('booking.write', '登记预约'), ('reception.write', '到诊与分诊'), ('consult.write', '咨询与报价'), ('test.write', '录入检查结果'), ('plan.write', '制定方案'), ('consent.write', '术前谈话与签署'), ('anaesthesia.write', '麻醉评估与谈话'), ('schedule.view', '查看手术排台'), ('schedule.write', '安排手术'), ('surgery.write', '手术核查与记录'), ('recovery.write', '恢复室记录'), ('aftercare.view', '查看术后关怀'), ('aftercare.write', '记录回访与复查'), ('money.view', '查看费用'), ('money.write', '收款'), ('refund.write', '退款'), ('privacy.view', '查看合规'), ('privacy.write', '办理个人信息事务'), ('audit.view', '查看审计日志'), ('insight.view', '查看经营数据'), ('insight.finance', '查看收入指标'), ('insight.staff', '经营数据中显示员工姓名'), ('insight.export', '下载汇总数据'), ('insight.sql', '用 SQL 查询去标识数据'), ('lead.view', '查看线索'), ('lead.write', '登记与跟进线索'), ('lead.assign', '分配线索与查看漏斗'), ('insight.import', '导入外部数据'), ('catalogue.write', '维护基础资料'), ('staff.write', '维护员工与权限')], max_length=32, verbose_name='权限')),
                ('scope', models.CharField(choices=[('own', '本人'), ('department', '本科室'), ('campus', '本院区'), ('group', '全集团')], max_length=12, verbose_name='范围')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='people.role')),
            ],
            options={
                'ordering': ['role_id', 'permission'],
                'constraints': [models.UniqueConstraint(fields=('role', 'permission'), name='grant_once'), models.CheckConstraint(condition=models.Q(('scope__in', ['own', 'department', 'campus', 'group'])), name='grant_scope_known')],
            },
        ),
        migrations.CreateModel(
            name='SearchToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', '手机'), ('last4', '手机后四位'), ('id_no', '证件号'), ('name', '姓名'), ('prefix', '姓名开头'), ('initials', '首字母'), ('file_no', '档案号')], max_length=10)),
                ('token', models.BinaryField(max_length=16)),
                ('campus', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.campus')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='people.person')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['token', 'campus', 'person'], name='token_campus_recent')],
                'constraints': [models.UniqueConstraint(fields=('token', 'person'), name='token_once'), models.UniqueConstraint(condition=models.Q(('kind', 'id_no')), fields=('token',), name='id_no_once')],
            },
        ),
        migrations.CreateModel(
            name='SignInAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username_token', models.BinaryField(max_length=16)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('ok', models.BooleanField()),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['username_token', 'at'], name='attempt_user_time'), models.Index(fields=['ip', 'at'], name='attempt_ip_time')],
            },
        ),
        migrations.CreateModel(
            name='StaffSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key_hash', models.CharField(max_length=64, unique=True)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('device', models.CharField(blank=True, max_length=120)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=24)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-started_at'],
                'indexes': [models.Index(fields=['staff', 'ended_at'], name='session_staff_open')],
            },
        ),
        migrations.CreateModel(
            name='CampusAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.campus', verbose_name='院区')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campus_accesses', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['since'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('staff', 'campus'), name='campus_access_once'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='campus_access_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('starts_at', models.DateTimeField(verbose_name='开始')),
                ('ends_at', models.DateTimeField(verbose_name='结束')),
                ('room', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.room')),
                ('shift', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.shift')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['starts_at'],
                'indexes': [models.Index(fields=['staff', 'starts_at'], name='duty_staff_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='duty_ends_after_start'), models.UniqueConstraint(fields=('staff', 'starts_at'), name='duty_once')],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('physician', '执业医师'), ('nurse', '执业护士')], max_length=12, verbose_name='证照')),
                ('field', models.CharField(blank=True, choices=[('surgery', '美容外科'), ('dental', '美容牙科'), ('dermatology', '美容皮肤科'), ('tcm', '美容中医科')], max_length=16, verbose_name='专业')),
                ('number', models.CharField(max_length=40, verbose_name='证号')),
                ('practising_since', models.DateField(verbose_name='从事本专业起始日')),
                ('is_responsible', models.BooleanField(default=False, verbose_name='已备案为主诊医师')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='有效期至')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['staff_id', 'kind', 'field'],
                'constraints': [models.UniqueConstraint(fields=('staff', 'kind', 'field'), name='licence_once')],
            },
        ),
        migrations.CreateModel(
            name='MinorLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reason', yimei.vault.fields.EncryptedText(verbose_name='理由')),
                ('asked_at', models.DateTimeField(verbose_name='申请时间')),
                ('judged_at', models.DateTimeField(blank=True, null=True, verbose_name='审批时间')),
                ('is_granted', models.BooleanField(blank=True, null=True, verbose_name='批准')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='有效至')),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minor_looks', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minor_looks', to='people.patient')),
            ],
            options={
                'ordering': ['-asked_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('judged_at', None)), fields=('patient', 'staff'), name='minor_look_asked_once'), models.CheckConstraint(condition=models.Q(models.Q(('is_granted', None), ('judged_at', None), ('judged_by', None), ('until', None)), models.Q(('is_granted', True), ('judged_at__isnull', False), ('judged_by__isnull', False), ('until__isnull', False)), models.Q(('is_granted', False), ('judged_at__isnull', False), ('judged_by__isnull', False), ('until', None)), _connector='OR'), name='minor_look_judged_whole'), models.CheckConstraint(condition=models.Q(('judged_by', None), models.Q(('judged_by', models.F('staff')), _negated=True), _connector='OR'), name='minor_look_by_another')],
            },
        ),
        migrations.CreateModel(
            name='CareRelation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('consultant', '现场咨询'), ('online', '网电咨询'), ('surgeon', '主诊医师'), ('anaesthetist', '麻醉师'), ('nurse', '护理'), ('team', '手术团队')], max_length=16, verbose_name='职责')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care_relations', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care_relations', to='people.patient')),
            ],
            options={
                'ordering': ['since'],
                'indexes': [models.Index(fields=['staff', 'until', 'patient'], name='care_staff_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('patient', 'staff', 'reason'), name='care_open_once')],
            },
        ),
        migrations.CreateModel(
            name='CapacityFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('limited', '成年但无完全行为能力'), ('own_income', '满十六周岁，以自己的劳动收入为主要生活来源')], max_length=12, verbose_name='认定')),
                ('evidence', yimei.vault.fields.EncryptedText(help_text='判决书、劳动合同与工资流水等，写明名称与编号', verbose_name='依据材料')),
                ('recorded_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='capacity_findings', to='people.patient')),
            ],
            options={
                'ordering': ['-recorded_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('patient', 'kind'), name='capacity_finding_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), models.Q(('approved_by', models.F('recorded_by')), _negated=True)), _connector='OR'), name='capacity_finding_two_names'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='capacity_finding_ended_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='BreakGlass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.CharField(choices=[('rescue', '抢救'), ('complication', '术后并发症处理'), ('on_call', '值班代管'), ('consult', '会诊'), ('other', '其他')], default='other', max_length=16, verbose_name='事由')),
                ('reason', yimei.vault.fields.EncryptedText(verbose_name='理由')),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('review_due_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('is_justified', models.BooleanField(blank=True, null=True)),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='break_glasses', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='break_glasses', to='people.patient')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['staff', 'patient', 'until'], name='glass_staff_patient')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('at'))), name='glass_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('is_justified', None), ('reviewed_at', None), ('reviewed_by', None)), models.Q(('is_justified__isnull', False), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='glass_reviewed_whole'), models.CheckConstraint(condition=models.Q(('code__in', ['rescue', 'complication', 'on_call', 'consult', 'other'])), name='glass_code_known')],
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('allergy', '过敏'), ('medication', '用药'), ('pregnancy', '妊娠与哺乳'), ('condition', '疾病史'), ('other', '其他')], max_length=12, verbose_name='类别')),
                ('text', yimei.vault.fields.EncryptedText(verbose_name='内容')),
                ('is_severe', models.BooleanField(default=False, verbose_name='严重')),
                ('recorded_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='people.patient')),
            ],
            options={
                'ordering': ['-is_severe', 'kind', 'id'],
                'indexes': [models.Index(fields=['patient', 'ended_at'], name='alert_patient_open')],
            },
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['campus', '-id'], name='patient_campus_recent'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('sealed_until__isnull', False)), fields=['sealed_until'], name='patient_sealed_until'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file_no', None), ('registered_at', None), ('registered_by', None)), models.Q(('file_no__isnull', False), ('registered_at__isnull', False), ('registered_by__isnull', False)), _connector='OR'), name='patient_registered_whole'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('sealed_until', None), ('sealed_at__isnull', False), _connector='OR'), name='patient_sealed_whole'),
        ),
    ]
