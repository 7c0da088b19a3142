import django.core.validators
import django.db.models.deletion
import uuid
import yimei.core.database.constraints
import yimei.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("billing", "0001_initial"),
    ]

    dependencies = [
        ("hospital", "0001_tables"),
        ("people", "0001_tables"),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscountLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role_code', models.CharField(max_length=24, unique=True, verbose_name='角色')),
                ('percent', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(100)], verbose_name='最大优惠（%）')),
            ],
            options={
                'ordering': ['percent', 'role_code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='discount_within_price')],
            },
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('episode', models.UUIDField(db_index=True, verbose_name='诊疗事件')),
                ('option', models.CharField(default='A', max_length=20, verbose_name='方案名')),
                ('status', models.CharField(choices=[('draft', '草稿'), ('offered', '已报价'), ('accepted', '客户已选'), ('declined', '未选')], default='offered', max_length=10, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='报价时间')),
                ('valid_to', models.DateField(verbose_name='有效期至')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='客户答复时间')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准优惠人')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.campus')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='people.patient')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'offered', 'accepted', 'declined'])), name='quote_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status__in', ['draft', 'offered'])), models.Q(('decided_at__isnull', False), ('status__in', ['accepted', 'declined'])), _connector='OR'), name='quote_decided_with_time')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('episode', models.UUIDField(db_index=True, verbose_name='诊疗事件')),
                ('amount', yimei.core.fields.MoneyField(verbose_name='应收')),
                ('deposit', yimei.core.fields.MoneyField(default=0, verbose_name='应收定金')),
                ('status', models.CharField(choices=[('open', '待收款'), ('paid', '已付清'), ('cancelled', '已取消')], default='open', max_length=10, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='开单时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campus', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.campus')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='people.patient')),
                ('quote', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order', to='billing.quote')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['open', 'paid', 'cancelled'])), name='order_status_known'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('deposit__gte', 0), ('deposit__lte', models.F('amount'))), name='order_amounts_sane')],
            },
        ),
        migrations.CreateModel(
            name='QuoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField(default=1, verbose_name='数量')),
                ('list_price', yimei.core.fields.MoneyField(verbose_name='目录价')),
                ('price', yimei.core.fields.MoneyField(verbose_name='成交单价')),
                ('discount_reason', models.CharField(blank=True, max_length=80, verbose_name='优惠原因')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospital.procedure')),
                ('quote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='billing.quote')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('list_price__gte', 0), ('price__gte', 0)), name='quote_line_not_negative'), models.CheckConstraint(condition=models.Q(('price__lte', models.F('list_price'))), name='quote_line_not_above_list'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='quote_line_counts')],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('deposit', '定金'), ('balance', '尾款'), ('refund', '退款')], max_length=8, verbose_name='类别')),
                ('method', models.CharField(choices=[('cash', '现金'), ('card', '银行卡'), ('wechat', '微信支付'), ('alipay', '支付宝'), ('transfer', '转账')], max_length=10, verbose_name='方式')),
                ('amount', yimei.core.fields.MoneyField(verbose_name='金额')),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='流水号')),
                ('reason', models.CharField(blank=True, max_length=80, verbose_name='原因')),
                ('key', models.UUIDField(help_text='同一次点击只入账一次', unique=True, verbose_name='防重键')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='billing.order')),
                ('refund_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='billing.payment')),
            ],
            options={
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['at'], name='payment_at')],
                'constraints': [yimei.core.database.constraints.AppendOnly(erasable=['reference', 'reason'], name='payment_append_only'), models.CheckConstraint(condition=models.Q(('method__in', ['cash', 'card', 'wechat', 'alipay', 'transfer'])), name='payment_method_known'), models.CheckConstraint(condition=models.Q(models.Q(('amount__lt', 0), ('kind', 'refund'), ('refund_of__isnull', False)), models.Q(('amount__gt', 0), ('kind__in', ['deposit', 'balance']), ('refund_of', None)), _connector='OR'), name='payment_sign_matches_kind')],
            },
        ),
    ]
