import datetime
import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import gpmb.fields
import gpmb.refs
import gpmb.triggers
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('clearance', '0001_initial'),
        ('land', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Adjacency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.project')),
                ('first', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.taking')),
                ('second', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.taking')),
                ('shared_m', models.FloatField(verbose_name='ranh giới chung (m)')),
                ('lane', models.BooleanField(default=False, verbose_name='qua đường đi')),
            ],
            options={
                'verbose_name': 'ranh giới chung',
                'verbose_name_plural': 'ranh giới chung',
                'constraints': [models.UniqueConstraint(fields=('project', 'first', 'second'), include=('shared_m',), name='adjacency_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='adjacency_in_order')],
            },
        ),
        migrations.CreateModel(
            name='AdjacencyState',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='adjacency_state', serialize=False, to='clearance.project')),
                ('stale', models.BooleanField(default=True)),
                ('computed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'trạng thái ranh giới chung',
                'verbose_name_plural': 'trạng thái ranh giới chung',
            },
        ),
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(unique=True, verbose_name='số liệu đến ngày')),
                ('made_at', models.DateTimeField(auto_now=True)),
                ('result', models.JSONField()),
            ],
            options={
                'verbose_name': 'kiểm nghiệm dự báo',
                'verbose_name_plural': 'kiểm nghiệm dự báo',
                'ordering': ['-on'],
            },
        ),
        migrations.CreateModel(
            name='HotspotRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('as_of', models.DateField(verbose_name='tính đến ngày')),
                ('period_from', models.DateField(verbose_name='từ ngày')),
                ('kind', models.CharField(blank=True, max_length=15, verbose_name='loại đơn')),
                ('seed', models.BigIntegerField(verbose_name='hạt giống ngẫu nhiên')),
                ('replicates', models.PositiveIntegerField(verbose_name='số lần mô phỏng')),
                ('rules', models.JSONField(verbose_name='tham số')),
                ('households', models.PositiveIntegerField(verbose_name='số hộ có nguy cơ')),
                ('cases', models.PositiveIntegerField(verbose_name='số hộ có vụ việc')),
                ('tested', models.PositiveIntegerField(verbose_name='số cửa sổ kiểm định')),
                ('not_located', models.PositiveIntegerField(verbose_name='vụ việc chưa có vị trí')),
                ('verdict', models.CharField(choices=[('hot', 'khu vực tập trung đơn thư'), ('watch', 'cần theo dõi'), ('none', 'không phát hiện khu vực tập trung'), ('not_enough_data', 'không đủ dữ liệu')], max_length=15, verbose_name='kết luận')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='dấu vân số liệu')),
                ('data_version', models.BigIntegerField(verbose_name='phiên bản số liệu')),
                ('cells', models.JSONField(verbose_name='ô')),
                ('outcome', models.JSONField(verbose_name='kết quả theo ô')),
                ('clusters', models.JSONField(verbose_name='vùng quét')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='chạy lúc')),
            ],
            options={
                'verbose_name': 'lượt phân tích đơn thư',
                'verbose_name_plural': 'lượt phân tích đơn thư',
                'ordering': ['-as_of', '-created_at'],
                'constraints': [models.UniqueConstraint(fields=('as_of', 'period_from', 'kind', 'seed', 'replicates', 'fingerprint'), name='hotspotrun_once')],
            },
        ),
        migrations.CreateModel(
            name='HotspotArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='analysis.hotspotrun')),
                ('order', models.PositiveSmallIntegerField(verbose_name='thứ tự')),
                ('verdict', models.CharField(choices=[('hot', 'khu vực tập trung đơn thư'), ('watch', 'cần theo dõi'), ('none', 'không phát hiện khu vực tập trung'), ('not_enough_data', 'không đủ dữ liệu')], max_length=15, verbose_name='kết luận')),
                ('q', models.IntegerField()),
                ('r', models.IntegerField()),
                ('ring', models.PositiveSmallIntegerField(verbose_name='bán kính cửa sổ (vòng)')),
                ('observed', models.PositiveIntegerField(verbose_name='số hộ có vụ việc')),
                ('at_risk', models.PositiveIntegerField(verbose_name='số hộ có nguy cơ')),
                ('expected', models.FloatField(verbose_name='số kỳ vọng')),
                ('p', models.FloatField(verbose_name='xác suất ngẫu nhiên')),
                ('own_ratio', models.FloatField(verbose_name='so với mức của chính dự án')),
                ('agreement', models.CharField(choices=[('both', 'hai phương pháp cùng chỉ ra'), ('only_exact', 'chỉ phép kiểm định chính xác chỉ ra')], max_length=12, verbose_name='đối chiếu')),
                ('trend', models.CharField(choices=[('up', 'tăng'), ('down', 'giảm'), ('not_proven', 'chưa chứng minh được xu hướng'), ('not_enough_periods', 'chưa đủ số kỳ để nói về xu hướng')], max_length=20, verbose_name='xu hướng')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='clearance.project')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.administrativeunit')),
                ('cells', models.JSONField(verbose_name='ô')),
                ('boundary', gpmb.fields.LegalPolygonField(verbose_name='phạm vi')),
            ],
            options={
                'verbose_name': 'khu vực tập trung đơn thư',
                'verbose_name_plural': 'khu vực tập trung đơn thư',
                'ordering': ['run', 'order'],
            },
        ),
        migrations.CreateModel(
            name='Hotspot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('name', models.CharField(max_length=200, verbose_name='tên điểm nóng')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='analysis.hotspotarea', verbose_name='căn cứ thống kê')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='clearance.project', verbose_name='dự án')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='phạm vi')),
                ('reason', models.TextField(blank=True, verbose_name='lý do mở')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='cơ quan chủ trì giải quyết')),
                ('owner_user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người chịu trách nhiệm')),
                ('opened_on', models.DateField(verbose_name='ngày mở')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lãnh đạo quyết định mở')),
                ('open_document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='land.document', verbose_name='văn bản mở')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='ngày kết thúc')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lãnh đạo quyết định kết thúc')),
                ('close_document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='land.document', verbose_name='văn bản kết thúc')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'điểm nóng',
                'verbose_name_plural': 'điểm nóng',
                'ordering': ['-opened_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('close_document__isnull', True), ('closed_by__isnull', True), ('closed_on__isnull', True)), models.Q(('close_document__isnull', False), ('closed_by__isnull', False), ('closed_on__gte', models.F('opened_on'))), _connector='OR'), name='hotspot_closed_by_document', violation_error_message='Kết thúc điểm nóng phải có ngày (từ ngày mở trở đi), lãnh đạo quyết định và văn bản.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='69a838aa5bf9ebdd846d2081e3e928743a169bf6', operation='UPDATE', pgid='pgtrigger_bump_version_cc8ab', table='analysis_hotspot', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspothistoryevent" ("area_id", "boundary", "close_document_id", "closed_by_id", "closed_on", "id", "name", "open_document_id", "opened_by_id", "opened_on", "owner_id", "owner_user_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "reason", "ref", "version") SELECT new_values."area_id", new_values."boundary", new_values."close_document_id", new_values."closed_by_id", new_values."closed_on", new_values."id", new_values."name", new_values."open_document_id", new_values."opened_by_id", new_values."opened_on", new_values."owner_id", new_values."owner_user_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."project_id", new_values."reason", new_values."ref", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='085bb357ba691c2ab56fb25f0c7286aa579b3e14', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d36ff', referencing='REFERENCING NEW TABLE AS new_values ', table='analysis_hotspot', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspothistoryevent" ("area_id", "boundary", "close_document_id", "closed_by_id", "closed_on", "id", "name", "open_document_id", "opened_by_id", "opened_on", "owner_id", "owner_user_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "reason", "ref", "version") SELECT new_values."area_id", new_values."boundary", new_values."close_document_id", new_values."closed_by_id", new_values."closed_on", new_values."id", new_values."name", new_values."open_document_id", new_values."opened_by_id", new_values."opened_on", new_values."owner_id", new_values."owner_user_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."project_id", new_values."reason", new_values."ref", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c2c7abdac2cda1a31394d9977f4c0b73b6279290', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9b088', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='analysis_hotspot', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspothistoryevent" ("area_id", "boundary", "close_document_id", "closed_by_id", "closed_on", "id", "name", "open_document_id", "opened_by_id", "opened_on", "owner_id", "owner_user_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "reason", "ref", "version") SELECT old_values."area_id", old_values."boundary", old_values."close_document_id", old_values."closed_by_id", old_values."closed_on", old_values."id", old_values."name", old_values."open_document_id", old_values."opened_by_id", old_values."opened_on", old_values."owner_id", old_values."owner_user_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."project_id", old_values."reason", old_values."ref", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='307ac8adb4e89129d84db5284a86daadb290d42f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_85983', referencing='REFERENCING OLD TABLE AS old_values ', table='analysis_hotspot', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='HotspotHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='analysis.hotspot')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('name', models.CharField(max_length=200, verbose_name='tên điểm nóng')),
                ('area', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='analysis.hotspotarea', verbose_name='căn cứ thống kê')),
                ('project', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.project', verbose_name='dự án')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='phạm vi')),
                ('reason', models.TextField(blank=True, verbose_name='lý do mở')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='cơ quan chủ trì giải quyết')),
                ('owner_user', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người chịu trách nhiệm')),
                ('opened_on', models.DateField(verbose_name='ngày mở')),
                ('opened_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lãnh đạo quyết định mở')),
                ('open_document', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='văn bản mở')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='ngày kết thúc')),
                ('closed_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lãnh đạo quyết định kết thúc')),
                ('close_document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='văn bản kết thúc')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HotspotMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hotspot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measures', to='analysis.hotspot')),
                ('on', models.DateField(verbose_name='ngày')),
                ('text', models.TextField(verbose_name='biện pháp')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='cơ quan thực hiện')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='hạn')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='hoàn thành ngày')),
                ('result', models.TextField(blank=True, verbose_name='kết quả')),
                ('review', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='clearance.review', verbose_name='giao ban')),
            ],
            options={
                'verbose_name': 'biện pháp',
                'verbose_name_plural': 'biện pháp',
                'ordering': ['on', 'id'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspotmeasurehistoryevent" ("done_on", "due_on", "hotspot_id", "id", "on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "review_id", "text") SELECT new_values."done_on", new_values."due_on", new_values."hotspot_id", new_values."id", new_values."on", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."result", new_values."review_id", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='59c38585377af40210985b067ffaaccd79726a3c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_dac58', referencing='REFERENCING NEW TABLE AS new_values ', table='analysis_hotspotmeasure', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspotmeasurehistoryevent" ("done_on", "due_on", "hotspot_id", "id", "on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "review_id", "text") SELECT new_values."done_on", new_values."due_on", new_values."hotspot_id", new_values."id", new_values."on", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."result", new_values."review_id", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cb9dbbec522830af5d65027f4fe0ed3c880d7007', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a2bf6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='analysis_hotspotmeasure', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_hotspotmeasurehistoryevent" ("done_on", "due_on", "hotspot_id", "id", "on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "review_id", "text") SELECT old_values."done_on", old_values."due_on", old_values."hotspot_id", old_values."id", old_values."on", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."result", old_values."review_id", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='24f862587dfcd5733d236a0c8e673a0241f96423', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b2f8e', referencing='REFERENCING OLD TABLE AS old_values ', table='analysis_hotspotmeasure', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='HotspotMeasureHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='analysis.hotspotmeasure')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('hotspot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='analysis.hotspot')),
                ('on', models.DateField(verbose_name='ngày')),
                ('text', models.TextField(verbose_name='biện pháp')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='cơ quan thực hiện')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='hạn')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='hoàn thành ngày')),
                ('result', models.TextField(blank=True, verbose_name='kết quả')),
                ('review', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.review', verbose_name='giao ban')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DailyDelta',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.project')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='land.administrativeunit')),
                ('stage', models.PositiveSmallIntegerField()),
                ('restricted', models.BooleanField(default=False)),
                ('takings', models.IntegerField(default=0)),
                ('area_m2', gpmb.fields.AreaField(decimal_places=2, default=0, max_digits=13)),
                ('cases', models.IntegerField(default=0)),
                ('households', models.IntegerField(default=0)),
                ('organisations', models.IntegerField(default=0)),
                ('approved_vnd', gpmb.fields.MoneyField(decimal_places=0, default=0, max_digits=16)),
                ('paid_vnd', gpmb.fields.MoneyField(decimal_places=0, default=0, max_digits=16)),
                ('late', models.IntegerField(default=0)),
                ('obstacles', models.IntegerField(default=0)),
                ('investor_m2', gpmb.fields.AreaField(decimal_places=2, default=0, max_digits=13)),
                ('unwritten', models.IntegerField(default=0)),
                ('on', models.DateField()),
            ],
            options={
                'verbose_name': 'biến động ngày',
                'verbose_name_plural': 'biến động ngày',
                'indexes': [models.Index(fields=['on'], name='delta_on')],
                'constraints': [models.UniqueConstraint(fields=('project', 'unit', 'stage', 'restricted', 'on'), name='delta_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='DayState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.project')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='land.administrativeunit')),
                ('stage', models.PositiveSmallIntegerField()),
                ('restricted', models.BooleanField(default=False)),
                ('takings', models.IntegerField(default=0)),
                ('area_m2', gpmb.fields.AreaField(decimal_places=2, default=0, max_digits=13)),
                ('cases', models.IntegerField(default=0)),
                ('households', models.IntegerField(default=0)),
                ('organisations', models.IntegerField(default=0)),
                ('approved_vnd', gpmb.fields.MoneyField(decimal_places=0, default=0, max_digits=16)),
                ('paid_vnd', gpmb.fields.MoneyField(decimal_places=0, default=0, max_digits=16)),
                ('late', models.IntegerField(default=0)),
                ('obstacles', models.IntegerField(default=0)),
                ('investor_m2', gpmb.fields.AreaField(decimal_places=2, default=0, max_digits=13)),
                ('unwritten', models.IntegerField(default=0)),
                ('on', models.DateField()),
            ],
            options={
                'verbose_name': 'trạng thái cuối ngày',
                'verbose_name_plural': 'trạng thái cuối ngày',
                'indexes': [models.Index(condition=models.Q(('on', datetime.date(1900, 1, 1))), fields=['project'], name='daystate_keys')],
                'constraints': [models.UniqueConstraint(models.F('project'), models.F('stage'), models.F('restricted'), django.db.models.functions.comparison.Coalesce('unit', 0), models.F('on'), name='daystate_once')],
            },
        ),
        migrations.CreateModel(
            name='DeltaState',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='delta_state', serialize=False, to='clearance.project')),
                ('number', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'phiên bản biến động',
                'verbose_name_plural': 'phiên bản biến động',
            },
        ),
        migrations.CreateModel(
            name='DueSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='due_spans', to='clearance.case')),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('due_on', models.DateField()),
            ],
            options={
                'verbose_name': 'khoảng hạn của hồ sơ',
                'verbose_name_plural': 'khoảng hạn của hồ sơ',
            },
        ),
        migrations.CreateModel(
            name='DueState',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='due_state', serialize=False, to='clearance.case')),
                ('version', models.IntegerField()),
            ],
            options={
                'verbose_name': 'phiên bản khoảng hạn',
                'verbose_name_plural': 'phiên bản khoảng hạn',
            },
        ),
        migrations.CreateModel(
            name='Freeze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(unique=True, verbose_name='ngày số liệu')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='chốt lúc')),
                ('figures', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='số liệu')),
                ('sha256', models.CharField(max_length=64, verbose_name='mã kiểm tra')),
            ],
            options={
                'verbose_name': 'lần chốt số liệu',
                'verbose_name_plural': 'lần chốt số liệu',
                'ordering': ['on'],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3b5d67c6a3db6fd61fb89da8611f5ac4139b1176', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ca5e5', table='analysis_freeze', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ScoreWeights',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(error_messages={'unique': 'Đã có bộ trọng số áp dụng từ ngày này.'}, unique=True, verbose_name='áp dụng từ ngày')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='văn bản')),
                ('k1', models.PositiveSmallIntegerField(default=20, verbose_name='K1 đúng hạn từng bước')),
                ('k2', models.PositiveSmallIntegerField(default=15, verbose_name='K2 chi trả trong hạn')),
                ('k3', models.PositiveSmallIntegerField(default=15, verbose_name='K3 đơn thư giải quyết trong hạn')),
                ('k4', models.PositiveSmallIntegerField(default=15, verbose_name='K4 đơn lặp lại sau trả lời')),
                ('k5', models.PositiveSmallIntegerField(default=10, verbose_name='K5 vụ đông người quá hạn')),
                ('k6', models.PositiveSmallIntegerField(default=10, verbose_name='K6 có chỗ ở trước khi thu hồi')),
                ('k7', models.PositiveSmallIntegerField(default=10, verbose_name='K7 tiến độ so với kế hoạch')),
                ('k8', models.PositiveSmallIntegerField(default=5, verbose_name='K8 cập nhật số liệu kịp thời')),
            ],
            options={
                'verbose_name': 'bộ trọng số đánh giá',
                'verbose_name_plural': 'bộ trọng số đánh giá',
                'ordering': ['-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('k1', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(100), '-', models.F('k2')), '-', models.F('k3')), '-', models.F('k4')), '-', models.F('k5')), '-', models.F('k6')), '-', models.F('k7')), '-', models.F('k8')))), name='scoreweights_sum_100', violation_error_message='Tổng tám trọng số phải bằng 100.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_scoreweightshistoryevent" ("document_id", "id", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from") SELECT new_values."document_id", new_values."id", new_values."k1", new_values."k2", new_values."k3", new_values."k4", new_values."k5", new_values."k6", new_values."k7", new_values."k8", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."valid_from" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e79e16c7d862c62c2fc4950edf2d2a9d481ddbee', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_56e13', referencing='REFERENCING NEW TABLE AS new_values ', table='analysis_scoreweights', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_scoreweightshistoryevent" ("document_id", "id", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from") SELECT new_values."document_id", new_values."id", new_values."k1", new_values."k2", new_values."k3", new_values."k4", new_values."k5", new_values."k6", new_values."k7", new_values."k8", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."valid_from" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c92d3ae263da8f7bd2ba5153d2b979d65b83fb04', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_2f911', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='analysis_scoreweights', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "analysis_scoreweightshistoryevent" ("document_id", "id", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "valid_from") SELECT old_values."document_id", old_values."id", old_values."k1", old_values."k2", old_values."k3", old_values."k4", old_values."k5", old_values."k6", old_values."k7", old_values."k8", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."valid_from" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='da489718f46da308ca5be8b709f304439758fb4a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d3c5b', referencing='REFERENCING OLD TABLE AS old_values ', table='analysis_scoreweights', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ScoreWeightsHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='analysis.scoreweights')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('valid_from', models.DateField(error_messages={'unique': 'Đã có bộ trọng số áp dụng từ ngày này.'}, verbose_name='áp dụng từ ngày')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='văn bản')),
                ('k1', models.PositiveSmallIntegerField(default=20, verbose_name='K1 đúng hạn từng bước')),
                ('k2', models.PositiveSmallIntegerField(default=15, verbose_name='K2 chi trả trong hạn')),
                ('k3', models.PositiveSmallIntegerField(default=15, verbose_name='K3 đơn thư giải quyết trong hạn')),
                ('k4', models.PositiveSmallIntegerField(default=15, verbose_name='K4 đơn lặp lại sau trả lời')),
                ('k5', models.PositiveSmallIntegerField(default=10, verbose_name='K5 vụ đông người quá hạn')),
                ('k6', models.PositiveSmallIntegerField(default=10, verbose_name='K6 có chỗ ở trước khi thu hồi')),
                ('k7', models.PositiveSmallIntegerField(default=10, verbose_name='K7 tiến độ so với kế hoạch')),
                ('k8', models.PositiveSmallIntegerField(default=5, verbose_name='K8 cập nhật số liệu kịp thời')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TakingCell',
            fields=[
                ('taking', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='cell', serialize=False, to='clearance.taking')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.project')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='land.administrativeunit')),
                ('restricted', models.BooleanField()),
                ('cell_x', models.IntegerField()),
                ('cell_y', models.IntegerField()),
                ('version', models.IntegerField()),
            ],
            options={
                'verbose_name': 'ô của phần thu hồi',
                'verbose_name_plural': 'ô của phần thu hồi',
            },
        ),
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clearance.project')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='land.administrativeunit')),
                ('restricted', models.BooleanField()),
                ('size_m', models.PositiveSmallIntegerField()),
                ('cell_x', models.IntegerField()),
                ('cell_y', models.IntegerField()),
                ('web', django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=3857)),
                ('fingerprint', models.CharField(max_length=32)),
            ],
            options={
                'verbose_name': 'mảng bản đồ',
                'verbose_name_plural': 'mảng bản đồ',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['web'], name='piece_web')],
                'constraints': [models.UniqueConstraint(fields=('project', 'size_m', 'unit', 'restricted', 'cell_x', 'cell_y'), name='piece_once')],
            },
        ),
        migrations.CreateModel(
            name='PieceState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('piece', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='states', to='analysis.piece')),
                ('on', models.DateField()),
                ('takings', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=7)),
                ('area_m2', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=7)),
            ],
            options={
                'verbose_name': 'trạng thái mảng bản đồ',
                'verbose_name_plural': 'trạng thái mảng bản đồ',
                'constraints': [models.UniqueConstraint(fields=('piece', 'on'), name='piecestate_once')],
            },
        ),
        migrations.CreateModel(
            name='PieceVersion',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='clearance.project')),
                ('number', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'phiên bản mảng bản đồ',
                'verbose_name_plural': 'phiên bản mảng bản đồ',
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['hotspot', 'hotspotmeasure', 'freeze', 'scoreweights'],
        ),
    ]
