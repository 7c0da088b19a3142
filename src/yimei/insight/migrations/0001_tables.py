import django.db.models.deletion
import uuid
import yimei.core.database.constraints
import yimei.vault.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("insight", "0001_initial"),
        ("insight", "0002_imports"),
    ]

    dependencies = [
        ("people", "0001_tables"),
        ('people', '__first__'),
        ("vault", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name='Build',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=40, unique=True, verbose_name='版本')),
                ('kind', models.CharField(choices=[('full', '全量'), ('increment', '增量')], max_length=10, verbose_name='方式')),
                ('cursor', models.BigIntegerField(verbose_name='读到的日志序号')),
                ('at', models.DateTimeField(verbose_name='数据截至')),
                ('finished_at', models.DateTimeField()),
                ('customers', models.PositiveIntegerField(verbose_name='重读的客户数')),
                ('rows', models.PositiveBigIntegerField(verbose_name='事实行数')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='mart_build_append_only')],
            },
        ),
        migrations.CreateModel(
            name='Dashboard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('created_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shared_with', models.ManyToManyField(related_name='+', to='people.role', verbose_name='共享给')),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='dashboard_name_once')],
            },
        ),
        migrations.CreateModel(
            name='DimensionVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(choices=[('campus', '院区'), ('room', '房间'), ('procedure', '项目'), ('staff', '人员'), ('source', '首次来源')], max_length=12)),
                ('key', models.CharField(max_length=40)),
                ('values', models.JSONField(verbose_name='属性')),
                ('valid_from', models.DateField(verbose_name='生效')),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['dimension', 'key', 'id'],
                'constraints': [yimei.core.database.constraints.AppendOnly(name='dimension_version_append_only'), models.CheckConstraint(condition=models.Q(('dimension__in', ['campus', 'room', 'procedure', 'staff', 'source'])), name='dimension_version_known')],
            },
        ),
        migrations.CreateModel(
            name='HeadingChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.CharField(max_length=20)),
                ('heading', models.BinaryField()),
                ('column', models.CharField(max_length=40)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('template', 'heading'), name='heading_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('template', models.CharField(max_length=20, verbose_name='类型')),
                ('sha256', models.CharField(max_length=64)),
                ('name', yimei.vault.fields.EncryptedText(max_length=120, verbose_name='文件名')),
                ('kind', models.CharField(max_length=10, verbose_name='格式')),
                ('encoding', models.CharField(blank=True, max_length=12, verbose_name='编码')),
                ('sample', yimei.vault.fields.EncryptedJSON(verbose_name='表头与前几行')),
                ('mapping', models.JSONField(default=dict, verbose_name='列对应')),
                ('rows_total', models.PositiveIntegerField(verbose_name='行数')),
                ('report', yimei.vault.fields.EncryptedJSON(null=True, verbose_name='试跑结果')),
                ('status', models.CharField(choices=[('received', '待对列'), ('checking', '试跑中'), ('checked', '待导入'), ('running', '导入中'), ('done', '已导入'), ('undone', '已撤销')], max_length=10, verbose_name='状态')),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('accepted', models.PositiveIntegerField(default=0, verbose_name='入库')),
                ('known', models.PositiveIntegerField(default=0, verbose_name='以前已入库')),
                ('rejected', models.PositiveIntegerField(default=0, verbose_name='没有入库')),
                ('at', models.DateTimeField()),
                ('ran_at', models.DateTimeField(blank=True, null=True, verbose_name='导入时间')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
                ('cleared_at', models.DateTimeField(blank=True, null=True, verbose_name='原文件销毁时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.storedfile')),
                ('file_key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.datakey')),
                ('vault_key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.datakey')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None), ('undone_at', None)), fields=('template', 'sha256'), name='import_file_once'), models.CheckConstraint(condition=models.Q(('status__in', ['received', 'checking', 'checked', 'running', 'done', 'undone'])), name='import_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'undone'), ('undone_at__isnull', False)), models.Q(models.Q(('status', 'undone'), _negated=True), ('undone_at', None)), _connector='OR'), name='import_undone_when')],
            },
        ),
        migrations.CreateModel(
            name='ImportBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveIntegerField()),
                ('rows', models.PositiveIntegerField()),
                ('known', models.PositiveIntegerField(default=0)),
                ('facts', yimei.vault.fields.EncryptedJSON(verbose_name='行')),
                ('marks', models.BinaryField(verbose_name='行指纹')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='insight.importbatch')),
            ],
            options={
                'ordering': ['batch_id', 'number'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='import_block_once')],
            },
        ),
        migrations.CreateModel(
            name='Pseudonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.BigIntegerField(unique=True)),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.patient')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RejectedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveIntegerField(verbose_name='行号')),
                ('cells', yimei.vault.fields.EncryptedJSON(verbose_name='原文')),
                ('reason', yimei.vault.fields.EncryptedText(verbose_name='原因')),
                ('status', models.CharField(choices=[('waiting', '待修改'), ('mended', '已修改入库'), ('dismissed', '不入库')], default='waiting', max_length=10, verbose_name='结果')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejects', to='insight.importbatch')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['batch_id', 'number'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='rejected_row_once'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'mended', 'dismissed'])), name='rejected_row_status_known')],
            },
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=60, verbose_name='标题')),
                ('question', models.CharField(max_length=600, verbose_name='问题')),
                ('dashboard', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiles', to='insight.dashboard')),
            ],
            options={
                'ordering': ['dashboard_id', 'position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('dashboard', 'position'), name='tile_place_once')],
            },
        ),
    ]
