import django.contrib.gis.db.models.fields
import django.contrib.gis.db.models.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
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
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('code', models.CharField(max_length=30, unique=True, verbose_name='mã khu')),
                ('name', models.CharField(max_length=200, verbose_name='tên khu')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='land.administrativeunit', verbose_name='xã, phường')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('boundary_web', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('boundary', 3857), output_field=django.contrib.gis.db.models.fields.MultiPolygonField(null=True, spatial_index=False, srid=3857))),
                ('status', models.CharField(choices=[('planned', 'Quy hoạch'), ('building', 'Đang xây dựng hạ tầng'), ('ready', 'Đã xong hạ tầng')], default='planned', max_length=10, verbose_name='trạng thái')),
                ('ready_on', models.DateField(blank=True, null=True, verbose_name='xong hạ tầng ngày')),
                ('version', models.IntegerField(default=0, editable=False)),
                ('projects', models.ManyToManyField(related_name='resettlement_sites', to='clearance.project', verbose_name='phục vụ dự án')),
            ],
            options={
                'verbose_name': 'khu tái định cư',
                'verbose_name_plural': 'khu tái định cư',
                'ordering': ['code'],
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['boundary_web'], name='site_boundary_web')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."boundary" IS DISTINCT FROM (NEW."boundary") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."ready_on" IS DISTINCT FROM (NEW."ready_on") OR OLD."ref" IS DISTINCT FROM (NEW."ref") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."unit_id" IS DISTINCT FROM (NEW."unit_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='15988eca2950c9a204089b2ee4be5b6b47dd8618', operation='UPDATE', pgid='pgtrigger_bump_version_33455', table='resettlement_site', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_sitehistoryevent" ("boundary", "code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ready_on", "ref", "status", "unit_id", "version") SELECT new_values."boundary", new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ready_on", new_values."ref", new_values."status", new_values."unit_id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='65f1d89f3bb1153138c29137da47c464310c9f42', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a0455', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_site', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_sitehistoryevent" ("boundary", "code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ready_on", "ref", "status", "unit_id", "version") SELECT new_values."boundary", new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ready_on", new_values."ref", new_values."status", new_values."unit_id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."boundary" IS DISTINCT FROM (new_values."boundary") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."ready_on" IS DISTINCT FROM (new_values."ready_on") OR old_values."ref" IS DISTINCT FROM (new_values."ref") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."unit_id" IS DISTINCT FROM (new_values."unit_id") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='92dc53581e80c0b697decc361b0ccccfaf8ee9b6', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e6ba8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_site', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_sitehistoryevent" ("boundary", "code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ready_on", "ref", "status", "unit_id", "version") SELECT old_values."boundary", old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ready_on", old_values."ref", old_values."status", old_values."unit_id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fc346392a7bba64b71cfd471e038f5730a983c56', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2ce99', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_site', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='SiteHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.site')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('code', models.CharField(max_length=30, verbose_name='mã khu')),
                ('name', models.CharField(max_length=200, verbose_name='tên khu')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.administrativeunit', verbose_name='xã, phường')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('status', models.CharField(choices=[('planned', 'Quy hoạch'), ('building', 'Đang xây dựng hạ tầng'), ('ready', 'Đã xong hạ tầng')], default='planned', max_length=10, verbose_name='trạng thái')),
                ('ready_on', models.DateField(blank=True, null=True, verbose_name='xong hạ tầng ngày')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Plot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plots', to='resettlement.site')),
                ('number', models.CharField(max_length=20, verbose_name='số lô')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('boundary_web', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('boundary', 3857), output_field=django.contrib.gis.db.models.fields.MultiPolygonField(null=True, spatial_index=False, srid=3857))),
                ('area_m2', gpmb.fields.AreaField(decimal_places=2, max_digits=13, verbose_name='diện tích (m²)')),
                ('price_vnd', gpmb.fields.MoneyField(blank=True, decimal_places=0, max_digits=16, null=True, verbose_name='giá (đồng)')),
                ('status', models.CharField(choices=[('planned', 'Quy hoạch'), ('available', 'Sẵn sàng'), ('reserved', 'Đã giữ chỗ'), ('allocated', 'Đã giao'), ('handed_over', 'Đã bàn giao thực địa'), ('surplus', 'Thừa, chuyển đấu giá')], default='planned', max_length=12, verbose_name='trạng thái')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'lô tái định cư',
                'verbose_name_plural': 'lô tái định cư',
                'ordering': ['site', 'number'],
                'constraints': [models.UniqueConstraint(fields=('site', 'number'), name='plot_number_once', violation_error_message='Số lô đã có trong khu.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."area_m2" IS DISTINCT FROM (NEW."area_m2") OR OLD."boundary" IS DISTINCT FROM (NEW."boundary") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."price_vnd" IS DISTINCT FROM (NEW."price_vnd") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='01fa49b5f494e68823bad4876dbe6fd5c8d1c8cc', operation='UPDATE', pgid='pgtrigger_bump_version_07ccc', table='resettlement_plot', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_plothistoryevent" ("area_m2", "boundary", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_vnd", "site_id", "status", "version") SELECT new_values."area_m2", new_values."boundary", new_values."id", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price_vnd", new_values."site_id", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='27baa816aeecb8c20caceae89220df3ca68cfbdd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7adde', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_plot', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_plothistoryevent" ("area_m2", "boundary", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_vnd", "site_id", "status", "version") SELECT new_values."area_m2", new_values."boundary", new_values."id", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price_vnd", new_values."site_id", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."area_m2" IS DISTINCT FROM (new_values."area_m2") OR old_values."boundary" IS DISTINCT FROM (new_values."boundary") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."number" IS DISTINCT FROM (new_values."number") OR old_values."price_vnd" IS DISTINCT FROM (new_values."price_vnd") OR old_values."site_id" IS DISTINCT FROM (new_values."site_id") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9fd02db0024ec6fea941511e12ef207b90d79ee5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3dedb', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_plot', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_plothistoryevent" ("area_m2", "boundary", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_vnd", "site_id", "status", "version") SELECT old_values."area_m2", old_values."boundary", old_values."id", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price_vnd", old_values."site_id", old_values."status", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5ff2f02b6c61cc7dc6fde539ec8ad663af0b449a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_26d10', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_plot', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PlotHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.plot')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='resettlement.site')),
                ('number', models.CharField(max_length=20, verbose_name='số lô')),
                ('boundary', gpmb.fields.LegalPolygonField(blank=True, null=True, verbose_name='ranh giới')),
                ('area_m2', gpmb.fields.AreaField(decimal_places=2, max_digits=13, verbose_name='diện tích (m²)')),
                ('price_vnd', gpmb.fields.MoneyField(blank=True, decimal_places=0, max_digits=16, null=True, verbose_name='giá (đồng)')),
                ('status', models.CharField(choices=[('planned', 'Quy hoạch'), ('available', 'Sẵn sàng'), ('reserved', 'Đã giữ chỗ'), ('allocated', 'Đã giao'), ('handed_over', 'Đã bàn giao thực địa'), ('surplus', 'Thừa, chuyển đấu giá')], default='planned', max_length=12, verbose_name='trạng thái')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='clearance.case')),
                ('plot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='resettlement.plot')),
                ('allocated_on', models.DateField(verbose_name='bố trí ngày')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='quyết định')),
                ('handed_over_on', models.DateField(blank=True, null=True, verbose_name='bàn giao thực địa ngày')),
                ('released_on', models.DateField(blank=True, null=True, verbose_name='thôi bố trí ngày')),
                ('released_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do thôi bố trí')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'bố trí tái định cư',
                'verbose_name_plural': 'bố trí tái định cư',
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_on__isnull', True)), fields=('plot',), name='allocation_plot_once', violation_error_message='Lô này đã bố trí cho hồ sơ khác.'), models.CheckConstraint(condition=models.Q(('released_on__isnull', True), models.Q(('released_reason', ''), _negated=True), _connector='OR'), name='allocation_release_has_reason', violation_error_message='Thôi bố trí phải ghi lý do.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='00d06d11af3a1ae4df1641a1b2700a4cdae611d9', operation='UPDATE', pgid='pgtrigger_bump_version_004e8', table='resettlement_allocation', when='BEFORE')), pgtrigger.compiler.Trigger(name='within_entitlement', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."released_on" IS NULL)', declare='DECLARE entitled integer; served bigint; held integer;', func="\n                    SELECT entitled_plots, project_id INTO entitled, served\n                      FROM clearance_case WHERE id = NEW.case_id FOR NO KEY UPDATE;\n                    SELECT count(*) INTO held FROM resettlement_allocation\n                     WHERE case_id = NEW.case_id AND released_on IS NULL;\n                    IF held > entitled THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            MESSAGE = 'Hồ sơ đã đủ số lô được bố trí.',\n                            DETAIL = format('%s > %s', held, entitled);\n                    END IF;\n                    IF NOT EXISTS (\n                        SELECT FROM resettlement_site_projects s\n                          JOIN resettlement_plot p ON p.site_id = s.site_id\n                         WHERE p.id = NEW.plot_id AND s.project_id = served)\n                    THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            MESSAGE = 'Khu tái định cư này không phục vụ dự án của hồ sơ.';\n                    END IF;\n                    RETURN NULL;\n                ", hash='4f4f7abc284154521dd32d0c22a1be57eb938840', operation='INSERT OR UPDATE', pgid='pgtrigger_within_entitlement_1f242', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='43ad28f29f4c4a911b3a85f81da87d2e3d98599c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_d3bf8', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id UNION SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id UNION SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='2ff403a1c7a99eb29c7820844e0d3df3220c28cb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_98472', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='5a96fc179d71dcf1b8960719c1d16a7a9bfd4dc7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_c249d', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_allocationhistoryevent" ("allocated_on", "case_id", "document_id", "handed_over_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "released_on", "released_reason", "version") SELECT new_values."allocated_on", new_values."case_id", new_values."document_id", new_values."handed_over_on", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plot_id", new_values."released_on", new_values."released_reason", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='114d3676d895218ea54685148c9e1837b9f0383b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_61e52', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_allocationhistoryevent" ("allocated_on", "case_id", "document_id", "handed_over_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "released_on", "released_reason", "version") SELECT new_values."allocated_on", new_values."case_id", new_values."document_id", new_values."handed_over_on", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plot_id", new_values."released_on", new_values."released_reason", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='89f50aae7723b0d2de98f30699af4cc770a88cfa', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_17e56', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_allocation', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_allocationhistoryevent" ("allocated_on", "case_id", "document_id", "handed_over_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "released_on", "released_reason", "version") SELECT old_values."allocated_on", old_values."case_id", old_values."document_id", old_values."handed_over_on", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plot_id", old_values."released_on", old_values."released_reason", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='61fd197f540dd5d39575c5aa88ccd3e79c119085', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_bd826', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_allocation', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='AllocationHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.allocation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('plot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='resettlement.plot')),
                ('allocated_on', models.DateField(verbose_name='bố trí ngày')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='quyết định')),
                ('handed_over_on', models.DateField(blank=True, null=True, verbose_name='bàn giao thực địa ngày')),
                ('released_on', models.DateField(blank=True, null=True, verbose_name='thôi bố trí ngày')),
                ('released_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do thôi bố trí')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Arrangement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='arrangement', to='clearance.case')),
                ('status', models.CharField(choices=[('surveyed', 'Đã khảo sát nhu cầu'), ('registered', 'Đã đăng ký hình thức'), ('eligible', 'Đủ điều kiện'), ('not_eligible', 'Không đủ điều kiện'), ('posted', 'Đang niêm yết phương án bố trí'), ('approved', 'Đã duyệt phương án bố trí'), ('allocated', 'Đã giao đủ lô'), ('settled', 'Đã bố trí xong'), ('moved', 'Đã chuyển đến nơi ở mới')], default='surveyed', max_length=12, verbose_name='trạng thái')),
                ('ground', models.CharField(blank=True, choices=[('residential', 'Đất ở đủ điều kiện bồi thường'), ('house_only', 'Nhà ở, không còn chỗ ở nào khác trên địa bàn'), ('other_land', 'Đất khác, có nhu cầu và còn quỹ đất'), ('state_house', 'Đang thuê nhà ở thuộc sở hữu nhà nước')], max_length=12, verbose_name='điều kiện')),
                ('posted_on', models.DateField(blank=True, null=True, verbose_name='niêm yết ngày')),
                ('approved_on', models.DateField(blank=True, null=True, verbose_name='duyệt ngày')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='quyết định bố trí')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'phương án bố trí tái định cư',
                'verbose_name_plural': 'phương án bố trí tái định cư',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('approved', 'allocated', 'settled', 'moved')), _negated=True), models.Q(('approved_on__isnull', False), ('document__isnull', False)), _connector='OR'), name='arrangement_approval_documented', violation_error_message='Phương án bố trí đã duyệt phải có ngày và quyết định.'), models.CheckConstraint(condition=models.Q(('status__in', ('surveyed', 'registered', 'not_eligible')), models.Q(('ground', ''), _negated=True), _connector='OR'), name='arrangement_eligibility_has_ground', violation_error_message='Đủ điều kiện tái định cư phải ghi theo trường hợp nào.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='3f2d08e40957038b6a089f32eec0e31998352c7f', operation='UPDATE', pgid='pgtrigger_bump_version_5ef89', table='resettlement_arrangement', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='531d79ec1733041aec2e561f08c655f9e49d7553', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_213f4', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_arrangement', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id UNION SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id UNION SELECT c.project_id FROM new_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='317d7889d4e038039642765dece1c6917a7edc1d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_e11af', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_arrangement', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN clearance_case c ON c.id = r.case_id);\n                    RETURN NULL;\n                ', hash='2dca800be90274d7b1b19e0e59d2c128194cf606', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_22544', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_arrangement', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_arrangementhistoryevent" ("approved_on", "case_id", "document_id", "ground", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_on", "status", "version") SELECT new_values."approved_on", new_values."case_id", new_values."document_id", new_values."ground", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."posted_on", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f2f359c398fd0f8897ddfbf4f0e52145cbae8fc0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_5c014', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_arrangement', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_arrangementhistoryevent" ("approved_on", "case_id", "document_id", "ground", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_on", "status", "version") SELECT new_values."approved_on", new_values."case_id", new_values."document_id", new_values."ground", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."posted_on", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='128c1fd0b9112fc5d0f0ba5db40a1e4566434d3c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8f86d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_arrangement', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_arrangementhistoryevent" ("approved_on", "case_id", "document_id", "ground", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posted_on", "status", "version") SELECT old_values."approved_on", old_values."case_id", old_values."document_id", old_values."ground", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."posted_on", old_values."status", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='39dd91a1c3053f81447d954cfb413f3bf27e9abd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_21f1d', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_arrangement', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ArrangementHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.arrangement')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('status', models.CharField(choices=[('surveyed', 'Đã khảo sát nhu cầu'), ('registered', 'Đã đăng ký hình thức'), ('eligible', 'Đủ điều kiện'), ('not_eligible', 'Không đủ điều kiện'), ('posted', 'Đang niêm yết phương án bố trí'), ('approved', 'Đã duyệt phương án bố trí'), ('allocated', 'Đã giao đủ lô'), ('settled', 'Đã bố trí xong'), ('moved', 'Đã chuyển đến nơi ở mới')], default='surveyed', max_length=12, verbose_name='trạng thái')),
                ('ground', models.CharField(blank=True, choices=[('residential', 'Đất ở đủ điều kiện bồi thường'), ('house_only', 'Nhà ở, không còn chỗ ở nào khác trên địa bàn'), ('other_land', 'Đất khác, có nhu cầu và còn quỹ đất'), ('state_house', 'Đang thuê nhà ở thuộc sở hữu nhà nước')], max_length=12, verbose_name='điều kiện')),
                ('posted_on', models.DateField(blank=True, null=True, verbose_name='niêm yết ngày')),
                ('approved_on', models.DateField(blank=True, null=True, verbose_name='duyệt ngày')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='quyết định bố trí')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ArrangementEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arrangement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='resettlement.arrangement')),
                ('status', models.CharField(choices=[('surveyed', 'Đã khảo sát nhu cầu'), ('registered', 'Đã đăng ký hình thức'), ('eligible', 'Đủ điều kiện'), ('not_eligible', 'Không đủ điều kiện'), ('posted', 'Đang niêm yết phương án bố trí'), ('approved', 'Đã duyệt phương án bố trí'), ('allocated', 'Đã giao đủ lô'), ('settled', 'Đã bố trí xong'), ('moved', 'Đã chuyển đến nơi ở mới')], max_length=12, verbose_name='trạng thái')),
                ('on', models.DateField(verbose_name='ngày')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='ghi lúc')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='người ghi')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='văn bản')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
            ],
            options={
                'verbose_name': 'diễn biến bố trí',
                'verbose_name_plural': 'diễn biến bố trí',
                'ordering': ['arrangement', 'on', 'id'],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cb1e67a1add451d5c4f649e3358d82353cf5e74d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a7c67', table='resettlement_arrangementevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TemporaryHousing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='temporary_housing', to='clearance.case')),
                ('from_on', models.DateField(verbose_name='từ ngày')),
                ('to_on', models.DateField(blank=True, null=True, verbose_name='đến ngày')),
                ('monthly_vnd', gpmb.fields.MoneyField(decimal_places=0, max_digits=16, verbose_name='tiền một tháng (đồng)')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='nơi tạm cư')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='văn bản')),
            ],
            options={
                'verbose_name': 'tạm cư',
                'verbose_name_plural': 'tạm cư',
                'ordering': ['case', 'from_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_on__isnull', True), ('to_on__gte', models.F('from_on')), _connector='OR'), name='temporaryhousing_ends_after_start', violation_error_message='Ngày hết tạm cư phải từ ngày bắt đầu trở đi.'), models.CheckConstraint(condition=models.Q(('monthly_vnd__gt', 0)), name='temporaryhousing_amount_positive', violation_error_message='Tiền tạm cư phải lớn hơn 0.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_temporaryhousinghistoryevent" ("case_id", "document_id", "from_on", "id", "monthly_vnd", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "to_on") SELECT new_values."case_id", new_values."document_id", new_values."from_on", new_values."id", new_values."monthly_vnd", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."place", new_values."to_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a07ca65eb94300c5edcbe78f2d82fff9a5bfec5b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2ea52', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_temporaryhousing', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_temporaryhousinghistoryevent" ("case_id", "document_id", "from_on", "id", "monthly_vnd", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "to_on") SELECT new_values."case_id", new_values."document_id", new_values."from_on", new_values."id", new_values."monthly_vnd", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."place", new_values."to_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e9735bd90fc2d4c06ebc2cc098afa1b0491b539e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_dfc07', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_temporaryhousing', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_temporaryhousinghistoryevent" ("case_id", "document_id", "from_on", "id", "monthly_vnd", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "to_on") SELECT old_values."case_id", old_values."document_id", old_values."from_on", old_values."id", old_values."monthly_vnd", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."place", old_values."to_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5365452d72cecba013b064bd292a012884a1326b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_730f6', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_temporaryhousing', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='TemporaryHousingHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.temporaryhousing')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('from_on', models.DateField(verbose_name='từ ngày')),
                ('to_on', models.DateField(blank=True, null=True, verbose_name='đến ngày')),
                ('monthly_vnd', gpmb.fields.MoneyField(decimal_places=0, max_digits=16, verbose_name='tiền một tháng (đồng)')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='nơi tạm cư')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='văn bản')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='resettlement.site')),
                ('on', models.DateField(verbose_name='ngày bốc thăm')),
                ('place', models.CharField(max_length=200, verbose_name='địa điểm')),
                ('witnesses', models.TextField(verbose_name='người chứng kiến')),
                ('status', models.CharField(choices=[('prepared', 'Đang chuẩn bị'), ('held', 'Đã bốc thăm'), ('closed', 'Đã chốt biên bản')], default='prepared', max_length=10, verbose_name='trạng thái')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='biên bản')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='người lập')),
                ('plots', models.ManyToManyField(related_name='draws', to='resettlement.plot', verbose_name='lô đưa vào bốc thăm')),
            ],
            options={
                'verbose_name': 'cuộc bốc thăm',
                'verbose_name_plural': 'cuộc bốc thăm',
                'ordering': ['-on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'closed'), _negated=True), ('document__isnull', False), _connector='OR'), name='draw_closed_has_minutes', violation_error_message='Chốt cuộc bốc thăm phải có biên bản.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawhistoryevent" ("by_id", "document_id", "id", "note", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "ref", "site_id", "status", "witnesses") SELECT new_values."by_id", new_values."document_id", new_values."id", new_values."note", new_values."on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."place", new_values."ref", new_values."site_id", new_values."status", new_values."witnesses" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='500d28fc74a1bb5f6d0df45f9fa9ece8d86220c6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d8d0a', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_draw', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawhistoryevent" ("by_id", "document_id", "id", "note", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "ref", "site_id", "status", "witnesses") SELECT new_values."by_id", new_values."document_id", new_values."id", new_values."note", new_values."on", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."place", new_values."ref", new_values."site_id", new_values."status", new_values."witnesses" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='278856c5515cf0db5027d55b770da82b048c35dc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_addd7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_draw', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawhistoryevent" ("by_id", "document_id", "id", "note", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "ref", "site_id", "status", "witnesses") SELECT old_values."by_id", old_values."document_id", old_values."id", old_values."note", old_values."on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."place", old_values."ref", old_values."site_id", old_values."status", old_values."witnesses" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6b7f1cdd979c67d2a99f0e5be37648e8678f451f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_06f5d', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_draw', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='DrawHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.draw')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='resettlement.site')),
                ('on', models.DateField(verbose_name='ngày bốc thăm')),
                ('place', models.CharField(max_length=200, verbose_name='địa điểm')),
                ('witnesses', models.TextField(verbose_name='người chứng kiến')),
                ('status', models.CharField(choices=[('prepared', 'Đang chuẩn bị'), ('held', 'Đã bốc thăm'), ('closed', 'Đã chốt biên bản')], default='prepared', max_length=10, verbose_name='trạng thái')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='biên bản')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
                ('by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người lập')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DrawEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='resettlement.draw')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draw_entries', to='clearance.case')),
                ('order', models.PositiveSmallIntegerField(verbose_name='thứ tự')),
                ('present', models.BooleanField(default=True, verbose_name='có mặt')),
                ('plot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drawn', to='resettlement.plot', verbose_name='bốc được')),
            ],
            options={
                'verbose_name': 'lượt bốc thăm',
                'verbose_name_plural': 'lượt bốc thăm',
                'ordering': ['draw', 'order'],
                'constraints': [models.UniqueConstraint(fields=('draw', 'order'), name='drawentry_order_once', violation_error_message='Thứ tự này đã có hộ khác.'), models.UniqueConstraint(fields=('draw', 'plot'), name='drawentry_plot_once', violation_error_message='Lô này đã ghi cho hộ khác trong cuộc bốc thăm.'), models.CheckConstraint(condition=models.Q(('plot__isnull', True), ('present', True), _connector='OR'), name='drawentry_absent_draws_nothing', violation_error_message='Hộ vắng mặt thì không có lô.')],
                'triggers': [pgtrigger.compiler.Trigger(name='plot_of_the_draw', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."plot_id" IS NOT NULL)', func="\n                    IF NOT EXISTS (SELECT FROM resettlement_draw_plots\n                                    WHERE draw_id = NEW.draw_id AND plot_id = NEW.plot_id) THEN\n                        RAISE EXCEPTION USING ERRCODE = 'check_violation',\n                            MESSAGE = 'Lô này không có trong cuộc bốc thăm.';\n                    END IF;\n                    RETURN NULL;\n                ", hash='c0774ab1c00757ecc45e09bced9758bb671541ad', operation='INSERT OR UPDATE', pgid='pgtrigger_plot_of_the_draw_f1581', table='resettlement_drawentry', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawentryhistoryevent" ("case_id", "draw_id", "id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "present") SELECT new_values."case_id", new_values."draw_id", new_values."id", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plot_id", new_values."present" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='67f7a318e8379a92cdfced7a0c362480772dd497', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_660e9', referencing='REFERENCING NEW TABLE AS new_values ', table='resettlement_drawentry', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawentryhistoryevent" ("case_id", "draw_id", "id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "present") SELECT new_values."case_id", new_values."draw_id", new_values."id", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plot_id", new_values."present" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b7d85b96b38e5adad00208bca55ca10397c520b0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_dd4ea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='resettlement_drawentry', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "resettlement_drawentryhistoryevent" ("case_id", "draw_id", "id", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plot_id", "present") SELECT old_values."case_id", old_values."draw_id", old_values."id", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plot_id", old_values."present" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e5a471a635b8e4895f7f8cb0257b688f2ee69572', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_257fa', referencing='REFERENCING OLD TABLE AS old_values ', table='resettlement_drawentry', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='DrawEntryHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='resettlement.drawentry')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('draw', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='resettlement.draw')),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('order', models.PositiveSmallIntegerField(verbose_name='thứ tự')),
                ('present', models.BooleanField(default=True, verbose_name='có mặt')),
                ('plot', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='resettlement.plot', verbose_name='bốc được')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DrawSwap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swaps', to='resettlement.draw')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resettlement.drawentry')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resettlement.drawentry')),
                ('first_had', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resettlement.plot')),
                ('second_had', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resettlement.plot')),
                ('on', models.DateField(verbose_name='ngày')),
                ('reason', models.CharField(max_length=300, verbose_name='lý do, thỏa thuận')),
            ],
            options={
                'verbose_name': 'đổi lô',
                'verbose_name_plural': 'đổi lô',
                'ordering': ['draw', 'on', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='drawswap_two_households', violation_error_message='Đổi lô cần hai hộ khác nhau.')],
                'triggers': [pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c9c4c316f3aaa0fe5c477f81a807ef710ba0a587', operation='UPDATE OR DELETE', pgid='pgtrigger_kept_8d742', table='resettlement_drawswap', when='BEFORE'))],
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['site', 'plot', 'allocation', 'arrangement', 'arrangementevent', 'temporaryhousing', 'draw', 'drawentry', 'drawswap'],
        ),
    ]
