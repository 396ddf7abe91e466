import django.contrib.gis.db.models.fields
import django.contrib.gis.db.models.functions
import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import gpmb.accounts.models
import gpmb.fields
import gpmb.land.models
import gpmb.refs
import gpmb.triggers
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdministrativeUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('code', models.CharField(max_length=10, verbose_name='mã đơn vị')),
                ('name', models.CharField(max_length=100, verbose_name='tên')),
                ('kind', models.CharField(choices=[('ward', 'phường'), ('commune', 'xã'), ('special', 'đặc khu')], max_length=10, verbose_name='loại')),
                ('valid_from', models.DateField(verbose_name='có hiệu lực từ')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='đến hết ngày')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('boundary_web', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('boundary', 3857), output_field=django.contrib.gis.db.models.fields.MultiPolygonField(null=True, spatial_index=False, srid=3857))),
                ('boundary_source', models.CharField(blank=True, choices=[('illustrative', 'minh họa'), ('official', 'chính thức')], max_length=15, verbose_name='nguồn ranh giới')),
                ('folded', models.GeneratedField(db_persist=True, expression=gpmb.fields.Fold(models.F('name')), output_field=models.TextField())),
            ],
            options={
                'verbose_name': 'đơn vị hành chính',
                'verbose_name_plural': 'đơn vị hành chính',
                'ordering': ['code', 'valid_from'],
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['boundary'], name='unit_boundary'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('folded'), name='gin_trgm_ops'), name='unit_folded')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='unit_ends_after_start', violation_error_message='Ngày kết thúc phải từ ngày bắt đầu trở đi.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('code', '='), (gpmb.accounts.models.DateRange('valid_from', 'valid_to'), '&&')], name='unit_code_once', violation_error_message='Mã đơn vị này đã có đơn vị khác trong thời gian đó.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_administrativeunithistoryevent" ("boundary", "boundary_source", "code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "valid_from", "valid_to") SELECT new_values."boundary", new_values."boundary_source", new_values."code", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bb686a460ba7b921cea87a45c961ee13cda07506', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b8c72', referencing='REFERENCING NEW TABLE AS new_values ', table='land_administrativeunit', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_administrativeunithistoryevent" ("boundary", "boundary_source", "code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "valid_from", "valid_to") SELECT new_values."boundary", new_values."boundary_source", new_values."code", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."boundary" IS DISTINCT FROM (new_values."boundary") OR old_values."boundary_source" IS DISTINCT FROM (new_values."boundary_source") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."ref" IS DISTINCT FROM (new_values."ref") OR old_values."valid_from" IS DISTINCT FROM (new_values."valid_from") OR old_values."valid_to" IS DISTINCT FROM (new_values."valid_to")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='67b8af54bc1a843bf6bd2e138ede313fe294bca8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4b06a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_administrativeunit', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_administrativeunithistoryevent" ("boundary", "boundary_source", "code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "valid_from", "valid_to") SELECT old_values."boundary", old_values."boundary_source", old_values."code", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b6269ede60fd3bff935c6b3d6cad396e061e87d2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_27e1d', referencing='REFERENCING OLD TABLE AS old_values ', table='land_administrativeunit', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='AdministrativeUnitHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.administrativeunit')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('code', models.CharField(max_length=10, verbose_name='mã đơn vị')),
                ('name', models.CharField(max_length=100, verbose_name='tên')),
                ('kind', models.CharField(choices=[('ward', 'phường'), ('commune', 'xã'), ('special', 'đặc khu')], max_length=10, verbose_name='loại')),
                ('valid_from', models.DateField(verbose_name='có hiệu lực từ')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='đến hết ngày')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('boundary_source', models.CharField(blank=True, choices=[('illustrative', 'minh họa'), ('official', 'chính thức')], max_length=15, verbose_name='nguồn ranh giới')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='UnitSuccession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='land.administrativeunit')),
                ('new', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessions', to='land.administrativeunit')),
                ('on', models.DateField(verbose_name='từ ngày')),
            ],
            options={
                'verbose_name': 'sáp nhập, chia tách đơn vị',
                'verbose_name_plural': 'sáp nhập, chia tách đơn vị',
                'constraints': [models.UniqueConstraint(fields=('old', 'new'), name='succession_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_unitsuccessionhistoryevent" ("id", "new_id", "old_id", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."new_id", new_values."old_id", new_values."on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ab7cb9a73dc8e635600ef1b9fed1015c8dcb2e21', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_cb309', referencing='REFERENCING NEW TABLE AS new_values ', table='land_unitsuccession', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_unitsuccessionhistoryevent" ("id", "new_id", "old_id", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."new_id", new_values."old_id", new_values."on", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6cac8048ad777243c006d9e6e30cd5f08f4c0449', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_67987', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_unitsuccession', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_unitsuccessionhistoryevent" ("id", "new_id", "old_id", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."new_id", old_values."old_id", old_values."on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='16668ddc093c1cdf5cd609ad1808a03a64d93332', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5c1c2', referencing='REFERENCING OLD TABLE AS old_values ', table='land_unitsuccession', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='UnitSuccessionHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.unitsuccession')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('old', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.administrativeunit')),
                ('new', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.administrativeunit')),
                ('on', models.DateField(verbose_name='từ ngày')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('notice', 'Thông báo thu hồi đất'), ('decision', 'Quyết định'), ('minutes', 'Biên bản'), ('plan', 'Kế hoạch'), ('letter', 'Công văn'), ('submission', 'Tờ trình'), ('receipt', 'Chứng từ'), ('other', 'Khác')], default='other', max_length=12, verbose_name='loại')),
                ('number', models.CharField(max_length=60, verbose_name='số, ký hiệu')),
                ('title', models.CharField(blank=True, max_length=300, verbose_name='trích yếu')),
                ('issued_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='cơ quan ban hành')),
                ('signed_on', models.DateField(verbose_name='ngày ký')),
                ('effective_on', models.DateField(blank=True, null=True, verbose_name='ngày có hiệu lực')),
            ],
            options={
                'verbose_name': 'văn bản',
                'verbose_name_plural': 'văn bản',
                'indexes': [models.Index(fields=['number', 'signed_on'], name='document_number'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(gpmb.fields.Fold('number'), name='gin_trgm_ops'), name='document_folded')],
                'constraints': [models.CheckConstraint(condition=models.Q(('effective_on__isnull', True), ('effective_on__gte', models.F('signed_on')), _connector='OR'), name='document_effective_after_signed', violation_error_message='Ngày có hiệu lực không được trước ngày ký.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_documenthistoryevent" ("effective_on", "id", "issued_by_id", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "signed_on", "title") SELECT new_values."effective_on", new_values."id", new_values."issued_by_id", new_values."kind", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."signed_on", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='aafba39621ca7d69b1c7a3a337943083efa7cd2c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_77d3f', referencing='REFERENCING NEW TABLE AS new_values ', table='land_document', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_documenthistoryevent" ("effective_on", "id", "issued_by_id", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "signed_on", "title") SELECT new_values."effective_on", new_values."id", new_values."issued_by_id", new_values."kind", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."signed_on", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6251a50063a5614a032d8663d34cf7a855bf5022', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_63240', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_document', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_documenthistoryevent" ("effective_on", "id", "issued_by_id", "kind", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "signed_on", "title") SELECT old_values."effective_on", old_values."id", old_values."issued_by_id", old_values."kind", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."signed_on", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cc5e586b93d4d178c74e237849bc5c0b22e3a344', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_aa082', referencing='REFERENCING OLD TABLE AS old_values ', table='land_document', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='DocumentHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.document')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('kind', models.CharField(choices=[('notice', 'Thông báo thu hồi đất'), ('decision', 'Quyết định'), ('minutes', 'Biên bản'), ('plan', 'Kế hoạch'), ('letter', 'Công văn'), ('submission', 'Tờ trình'), ('receipt', 'Chứng từ'), ('other', 'Khác')], default='other', max_length=12, verbose_name='loại')),
                ('number', models.CharField(max_length=60, verbose_name='số, ký hiệu')),
                ('title', models.CharField(blank=True, max_length=300, verbose_name='trích yếu')),
                ('issued_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='cơ quan ban hành')),
                ('signed_on', models.DateField(verbose_name='ngày ký')),
                ('effective_on', models.DateField(blank=True, null=True, verbose_name='ngày có hiệu lực')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='land.administrativeunit', verbose_name='xã, phường')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('registered_area_m2', gpmb.fields.AreaField(blank=True, decimal_places=2, max_digits=13, null=True, verbose_name='diện tích theo hồ sơ (m²)')),
                ('measured_area_m2', gpmb.fields.AreaField(blank=True, decimal_places=2, max_digits=13, null=True, verbose_name='diện tích đo đạc (m²)')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='có từ ngày')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='hết tồn tại ngày')),
                ('restricted', models.BooleanField(default=False, verbose_name='hạn chế')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'thửa đất',
                'verbose_name_plural': 'thửa đất',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['boundary'], name='parcel_boundary')],
                'constraints': [models.CheckConstraint(condition=models.Q(('retired_on__isnull', True), ('retired_on__gte', models.F('valid_from')), _connector='OR'), name='parcel_retired_after_formed', violation_error_message='Ngày kết thúc phải từ ngày bắt đầu trở đi.'), models.CheckConstraint(condition=models.Q(models.Q(('registered_area_m2__isnull', True), ('registered_area_m2__gt', 0), _connector='OR'), models.Q(('measured_area_m2__isnull', True), ('measured_area_m2__gt', 0), _connector='OR')), name='parcel_areas_positive', violation_error_message='Diện tích thửa phải lớn hơn 0.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='2527b7a604f7114f96679edb52d7dea5c6941bfe', operation='UPDATE', pgid='pgtrigger_bump_version_9cfdb', table='land_parcel', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT t.project_id FROM old_values r JOIN clearance_taking t ON t.parcel_id = r.id UNION SELECT t.project_id FROM new_values r JOIN clearance_taking t ON t.parcel_id = r.id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT t.project_id FROM old_values r JOIN clearance_taking t ON t.parcel_id = r.id UNION SELECT t.project_id FROM new_values r JOIN clearance_taking t ON t.parcel_id = r.id);\n                    RETURN NULL;\n                ', hash='cf114dbde6fa2b5a5f8556767e51e4f9d8ac7d21', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_09f09', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_parcel', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelhistoryevent" ("boundary", "id", "measured_area_m2", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "registered_area_m2", "restricted", "retired_on", "unit_id", "valid_from", "version") SELECT new_values."boundary", new_values."id", new_values."measured_area_m2", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."registered_area_m2", new_values."restricted", new_values."retired_on", new_values."unit_id", new_values."valid_from", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e90384c4c7af088f0094848ef0d5eed48a417117', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ba427', referencing='REFERENCING NEW TABLE AS new_values ', table='land_parcel', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelhistoryevent" ("boundary", "id", "measured_area_m2", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "registered_area_m2", "restricted", "retired_on", "unit_id", "valid_from", "version") SELECT new_values."boundary", new_values."id", new_values."measured_area_m2", new_values."note", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."registered_area_m2", new_values."restricted", new_values."retired_on", new_values."unit_id", new_values."valid_from", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='82f52ebb4ac79d654a1d395f3ac80a0cbc77ecd4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_17962', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_parcel', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelhistoryevent" ("boundary", "id", "measured_area_m2", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "registered_area_m2", "restricted", "retired_on", "unit_id", "valid_from", "version") SELECT old_values."boundary", old_values."id", old_values."measured_area_m2", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."registered_area_m2", old_values."restricted", old_values."retired_on", old_values."unit_id", old_values."valid_from", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e48b6a694ae3cc4d73a22c6cbe4325d57af11ee0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_211b1', referencing='REFERENCING OLD TABLE AS old_values ', table='land_parcel', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ParcelHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.parcel')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.administrativeunit', verbose_name='xã, phường')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('registered_area_m2', gpmb.fields.AreaField(blank=True, decimal_places=2, max_digits=13, null=True, verbose_name='diện tích theo hồ sơ (m²)')),
                ('measured_area_m2', gpmb.fields.AreaField(blank=True, decimal_places=2, max_digits=13, null=True, verbose_name='diện tích đo đạc (m²)')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='có từ ngày')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='hết tồn tại ngày')),
                ('restricted', models.BooleanField(default=False, verbose_name='hạn chế')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ParcelNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='numbers', to='land.parcel')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='land.administrativeunit', verbose_name='đơn vị đánh số')),
                ('sheet', models.CharField(max_length=20, verbose_name='tờ bản đồ')),
                ('number', models.CharField(max_length=20, verbose_name='số thửa')),
                ('kind', models.CharField(choices=[('current', 'hiện hành'), ('certificate', 'theo giấy chứng nhận'), ('extract', 'theo trích đo'), ('old', 'cũ')], default='current', max_length=12, verbose_name='loại số')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='từ ngày')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='đến ngày')),
                ('key', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(gpmb.land.models._Key('sheet'), models.Value('/'), gpmb.land.models._Key('number'), output_field=models.TextField()), output_field=models.TextField())),
            ],
            options={
                'verbose_name': 'số tờ, số thửa',
                'verbose_name_plural': 'số tờ, số thửa',
                'indexes': [models.Index(fields=['key'], name='parcelnumber_key'), models.Index(fields=['number'], name='parcelnumber_number')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'current'), ('valid_to__isnull', True)), fields=('unit', 'sheet', 'number'), name='parcelnumber_current_once', violation_error_message='Tờ, thửa này đã có ở đơn vị đó.'), models.UniqueConstraint(condition=models.Q(('kind', 'current'), ('valid_to__isnull', True)), fields=('parcel', 'kind'), name='parcelnumber_one_current', violation_error_message='Thửa đất đã có số tờ, số thửa hiện hành.'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='parcelnumber_ends_after_start', violation_error_message='Ngày kết thúc phải từ ngày bắt đầu trở đi.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelnumberhistoryevent" ("id", "kind", "number", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sheet", "unit_id", "valid_from", "valid_to") SELECT new_values."id", new_values."kind", new_values."number", new_values."parcel_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sheet", new_values."unit_id", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9a7d4a67a96ea6929758a2831b9c1fc39563d4c0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_6cb24', referencing='REFERENCING NEW TABLE AS new_values ', table='land_parcelnumber', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelnumberhistoryevent" ("id", "kind", "number", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sheet", "unit_id", "valid_from", "valid_to") SELECT new_values."id", new_values."kind", new_values."number", new_values."parcel_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sheet", new_values."unit_id", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."number" IS DISTINCT FROM (new_values."number") OR old_values."parcel_id" IS DISTINCT FROM (new_values."parcel_id") OR old_values."sheet" IS DISTINCT FROM (new_values."sheet") OR old_values."unit_id" IS DISTINCT FROM (new_values."unit_id") OR old_values."valid_from" IS DISTINCT FROM (new_values."valid_from") OR old_values."valid_to" IS DISTINCT FROM (new_values."valid_to")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2e910d44554a1b68b455d48701742700afa3a9a4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_30c15', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_parcelnumber', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcelnumberhistoryevent" ("id", "kind", "number", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sheet", "unit_id", "valid_from", "valid_to") SELECT old_values."id", old_values."kind", old_values."number", old_values."parcel_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sheet", old_values."unit_id", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='41050d0784051c75e29ee6abf0dfd128bbc8e145', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_db5da', referencing='REFERENCING OLD TABLE AS old_values ', table='land_parcelnumber', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ParcelNumberHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.parcelnumber')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('parcel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.parcel')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.administrativeunit', verbose_name='đơn vị đánh số')),
                ('sheet', models.CharField(max_length=20, verbose_name='tờ bản đồ')),
                ('number', models.CharField(max_length=20, verbose_name='số thửa')),
                ('kind', models.CharField(choices=[('current', 'hiện hành'), ('certificate', 'theo giấy chứng nhận'), ('extract', 'theo trích đo'), ('old', 'cũ')], default='current', max_length=12, verbose_name='loại số')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='từ ngày')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='đến ngày')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ParcelLineage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='children_links', to='land.parcel')),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parent_links', to='land.parcel')),
                ('on', models.DateField(verbose_name='ngày')),
                ('reason', models.CharField(choices=[('split', 'tách thửa'), ('merge', 'hợp thửa'), ('survey', 'đo đạc lại')], max_length=10, verbose_name='lý do')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document')),
            ],
            options={
                'verbose_name': 'nguồn gốc thửa',
                'verbose_name_plural': 'nguồn gốc thửa',
                'constraints': [models.UniqueConstraint(fields=('parent', 'child'), name='lineage_once'), models.CheckConstraint(condition=models.Q(('parent', models.F('child')), _negated=True), name='lineage_not_itself', violation_error_message='Một thửa không thể sinh ra chính nó.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcellineagehistoryevent" ("child_id", "document_id", "id", "on", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."child_id", new_values."document_id", new_values."id", new_values."on", new_values."parent_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='621c172a556b476efbd7b9e9f333cf2772a1aecb', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b42a6', referencing='REFERENCING NEW TABLE AS new_values ', table='land_parcellineage', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcellineagehistoryevent" ("child_id", "document_id", "id", "on", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."child_id", new_values."document_id", new_values."id", new_values."on", new_values."parent_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bc1a1fc83f386f7993e2d9ca1244761a13e2acd0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_160bd', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_parcellineage', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_parcellineagehistoryevent" ("child_id", "document_id", "id", "on", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT old_values."child_id", old_values."document_id", old_values."id", old_values."on", old_values."parent_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b3787d5008b4d721e93a89b5bce2cb53904e5e8f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7f983', referencing='REFERENCING OLD TABLE AS old_values ', table='land_parcellineage', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ParcelLineageHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.parcellineage')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('parent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.parcel')),
                ('child', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.parcel')),
                ('on', models.DateField(verbose_name='ngày')),
                ('reason', models.CharField(choices=[('split', 'tách thửa'), ('merge', 'hợp thửa'), ('survey', 'đo đạc lại')], max_length=10, verbose_name='lý do')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('household', 'Hộ gia đình'), ('individual', 'Cá nhân'), ('organisation', 'Tổ chức'), ('community', 'Cộng đồng dân cư')], default='household', max_length=12, verbose_name='loại')),
                ('name', models.CharField(max_length=150, verbose_name='họ tên, tên tổ chức')),
                ('id_number', models.CharField(blank=True, max_length=20, verbose_name='số CCCD, mã số')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='điện thoại')),
                ('address', models.CharField(blank=True, max_length=250, verbose_name='địa chỉ')),
                ('bank_name', models.CharField(blank=True, max_length=100, verbose_name='ngân hàng')),
                ('bank_account', models.CharField(blank=True, max_length=30, verbose_name='số tài khoản')),
                ('members', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='số nhân khẩu')),
                ('sensitive_note', models.TextField(blank=True, verbose_name='thông tin hạn chế (diện chính sách…)')),
                ('folded', models.GeneratedField(db_persist=True, expression=gpmb.fields.Fold(models.F('name')), output_field=models.TextField())),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'người sử dụng đất',
                'verbose_name_plural': 'người sử dụng đất',
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('folded'), name='gin_trgm_ops'), name='party_folded')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."bank_account" IS DISTINCT FROM (NEW."bank_account") OR OLD."bank_name" IS DISTINCT FROM (NEW."bank_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."id_number" IS DISTINCT FROM (NEW."id_number") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."members" IS DISTINCT FROM (NEW."members") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."ref" IS DISTINCT FROM (NEW."ref") OR OLD."sensitive_note" IS DISTINCT FROM (NEW."sensitive_note") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='e3d4ca3b93a72809c355421c471f691489595ce8', operation='UPDATE', pgid='pgtrigger_bump_version_1d683', table='land_party', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_partyhistoryevent" ("address", "bank_account", "bank_name", "id", "id_number", "kind", "members", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "ref", "sensitive_note", "version") SELECT new_values."address", new_values."bank_account", new_values."bank_name", new_values."id", new_values."id_number", new_values."kind", new_values."members", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."ref", new_values."sensitive_note", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f68b62005c2899490f048ff9710f98a96531fa24', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_00a23', referencing='REFERENCING NEW TABLE AS new_values ', table='land_party', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_partyhistoryevent" ("address", "bank_account", "bank_name", "id", "id_number", "kind", "members", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "ref", "sensitive_note", "version") SELECT new_values."address", new_values."bank_account", new_values."bank_name", new_values."id", new_values."id_number", new_values."kind", new_values."members", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."ref", new_values."sensitive_note", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."address" IS DISTINCT FROM (new_values."address") OR old_values."bank_account" IS DISTINCT FROM (new_values."bank_account") OR old_values."bank_name" IS DISTINCT FROM (new_values."bank_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."id_number" IS DISTINCT FROM (new_values."id_number") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."members" IS DISTINCT FROM (new_values."members") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."phone" IS DISTINCT FROM (new_values."phone") OR old_values."ref" IS DISTINCT FROM (new_values."ref") OR old_values."sensitive_note" IS DISTINCT FROM (new_values."sensitive_note") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='141bde006e0fa32afcf7fe5f2cd9cbab431908f4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b139a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_party', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_partyhistoryevent" ("address", "bank_account", "bank_name", "id", "id_number", "kind", "members", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "ref", "sensitive_note", "version") SELECT old_values."address", old_values."bank_account", old_values."bank_name", old_values."id", old_values."id_number", old_values."kind", old_values."members", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."ref", old_values."sensitive_note", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d42b2218f07743ece0ad05250209180e2aed5136', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b5956', referencing='REFERENCING OLD TABLE AS old_values ', table='land_party', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PartyHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.party')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('kind', models.CharField(choices=[('household', 'Hộ gia đình'), ('individual', 'Cá nhân'), ('organisation', 'Tổ chức'), ('community', 'Cộng đồng dân cư')], default='household', max_length=12, verbose_name='loại')),
                ('name', models.CharField(max_length=150, verbose_name='họ tên, tên tổ chức')),
                ('id_number', models.CharField(blank=True, max_length=20, verbose_name='số CCCD, mã số')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='điện thoại')),
                ('address', models.CharField(blank=True, max_length=250, verbose_name='địa chỉ')),
                ('bank_name', models.CharField(blank=True, max_length=100, verbose_name='ngân hàng')),
                ('bank_account', models.CharField(blank=True, max_length=30, verbose_name='số tài khoản')),
                ('members', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='số nhân khẩu')),
                ('sensitive_note', models.TextField(blank=True, verbose_name='thông tin hạn chế (diện chính sách…)')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='services', to='land.document')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='services', to='land.party')),
                ('on', models.DateField(verbose_name='ngày giao')),
                ('manner', models.CharField(choices=[('signed', 'ký nhận'), ('refused', 'từ chối nhận, có biên bản'), ('absent', 'vắng mặt, có biên bản'), ('posted', 'niêm yết'), ('mailed', 'gửi bưu điện')], max_length=10, verbose_name='cách giao')),
                ('evidence', models.CharField(blank=True, max_length=200, verbose_name='minh chứng')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người ghi')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='ghi lúc')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='hủy lúc')),
                ('void_reason', models.CharField(blank=True, max_length=200, verbose_name='lý do hủy')),
            ],
            options={
                'verbose_name': 'giao văn bản',
                'verbose_name_plural': 'giao văn bản',
                'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at__isnull', True)), fields=('document', 'party'), name='service_once', violation_error_message='Văn bản này đã được ghi là giao cho người đó.'), models.CheckConstraint(condition=models.Q(models.Q(('manner__in', ['refused', 'absent']), _negated=True), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='service_refusal_has_evidence', violation_error_message='Từ chối nhận hoặc vắng mặt phải có biên bản.'), models.CheckConstraint(condition=models.Q(('voided_at__isnull', True), models.Q(('void_reason', ''), _negated=True), _connector='OR'), name='service_void_has_reason', violation_error_message='Hủy một lần giao văn bản phải ghi lý do.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_servicehistoryevent" ("document_id", "evidence", "id", "manner", "on", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "ref", "void_reason", "voided_at") SELECT new_values."document_id", new_values."evidence", new_values."id", new_values."manner", new_values."on", new_values."party_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."recorded_at", new_values."recorded_by_id", new_values."ref", new_values."void_reason", new_values."voided_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dae3dc0db63a2f905766ba2ee674b5242c9b549c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_3ec31', referencing='REFERENCING NEW TABLE AS new_values ', table='land_service', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_servicehistoryevent" ("document_id", "evidence", "id", "manner", "on", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "ref", "void_reason", "voided_at") SELECT new_values."document_id", new_values."evidence", new_values."id", new_values."manner", new_values."on", new_values."party_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."recorded_at", new_values."recorded_by_id", new_values."ref", new_values."void_reason", new_values."voided_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9f1d44734a243dfa94ab3bb3b9cb1d2a431e907b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4525f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_service', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "land_servicehistoryevent" ("document_id", "evidence", "id", "manner", "on", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "ref", "void_reason", "voided_at") SELECT old_values."document_id", old_values."evidence", old_values."id", old_values."manner", old_values."on", old_values."party_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."ref", old_values."void_reason", old_values."voided_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8c7141bcfff3ab69e6559811ac8b1f10bfb34195', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2907e', referencing='REFERENCING OLD TABLE AS old_values ', table='land_service', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ServiceHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='land.service')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('document', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document')),
                ('party', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.party')),
                ('on', models.DateField(verbose_name='ngày giao')),
                ('manner', models.CharField(choices=[('signed', 'ký nhận'), ('refused', 'từ chối nhận, có biên bản'), ('absent', 'vắng mặt, có biên bản'), ('posted', 'niêm yết'), ('mailed', 'gửi bưu điện')], max_length=10, verbose_name='cách giao')),
                ('evidence', models.CharField(blank=True, max_length=200, verbose_name='minh chứng')),
                ('recorded_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người ghi')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='ghi lúc')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='hủy lúc')),
                ('void_reason', models.CharField(blank=True, max_length=200, verbose_name='lý do hủy')),
            ],
            options={
                'abstract': False,
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['administrativeunit', 'unitsuccession', 'document', 'parcel', 'parcelnumber', 'parcellineage', 'party', 'service'],
        ),
    ]
