import django.contrib.postgres.fields
import django.db.models.deletion
import gpmb.fields
import gpmb.importing.models
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
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('parcels', 'Thửa đất từ tệp bản đồ'), ('boundaries', 'Địa giới hành chính'), ('workbook', 'Danh sách Excel'), ('complaints', 'Đơn thư từ Excel'), ('takings', 'Phần thu hồi từ Excel'), ('targets', 'Chỉ tiêu kế hoạch từ Excel'), ('obstacles', 'Vướng mắc từ Excel'), ('payments', 'Đề nghị chi trả từ Excel')], max_length=12, verbose_name='loại')),
                ('file_name', models.CharField(max_length=250, verbose_name='tệp')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='mã băm')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='clearance.project')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('applied', models.BooleanField(default=False, verbose_name='đã ghi')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='hoàn tác lúc')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undo_report', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name': 'lần nhập liệu',
                'verbose_name_plural': 'lần nhập liệu',
                'ordering': ['-started_at'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "importing_importrunhistoryevent" ("applied", "by_id", "file_name", "finished_at", "id", "kind", "options", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "ref", "report", "sha256", "started_at", "undo_report", "undone_at", "undone_by_id") SELECT new_values."applied", new_values."by_id", new_values."file_name", new_values."finished_at", new_values."id", new_values."kind", new_values."options", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."project_id", new_values."ref", new_values."report", new_values."sha256", new_values."started_at", new_values."undo_report", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='be57398bd2ca0e3278ecde9b5fca49f7ce827195', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_760b6', referencing='REFERENCING NEW TABLE AS new_values ', table='importing_importrun', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "importing_importrunhistoryevent" ("applied", "by_id", "file_name", "finished_at", "id", "kind", "options", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "ref", "report", "sha256", "started_at", "undo_report", "undone_at", "undone_by_id") SELECT new_values."applied", new_values."by_id", new_values."file_name", new_values."finished_at", new_values."id", new_values."kind", new_values."options", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."project_id", new_values."ref", new_values."report", new_values."sha256", new_values."started_at", new_values."undo_report", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='50136dc11ceb13012103aa74e49209e5d76f91fb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a838d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='importing_importrun', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "importing_importrunhistoryevent" ("applied", "by_id", "file_name", "finished_at", "id", "kind", "options", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "ref", "report", "sha256", "started_at", "undo_report", "undone_at", "undone_by_id") SELECT old_values."applied", old_values."by_id", old_values."file_name", old_values."finished_at", old_values."id", old_values."kind", old_values."options", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."project_id", old_values."ref", old_values."report", old_values."sha256", old_values."started_at", old_values."undo_report", old_values."undone_at", old_values."undone_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5f26bfd3ae4962f3a1c3a978e15ba0e2a651d791', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_00367', referencing='REFERENCING OLD TABLE AS old_values ', table='importing_importrun', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ImportRunHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='importing.importrun')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('kind', models.CharField(choices=[('parcels', 'Thửa đất từ tệp bản đồ'), ('boundaries', 'Địa giới hành chính'), ('workbook', 'Danh sách Excel'), ('complaints', 'Đơn thư từ Excel'), ('takings', 'Phần thu hồi từ Excel'), ('targets', 'Chỉ tiêu kế hoạch từ Excel'), ('obstacles', 'Vướng mắc từ Excel'), ('payments', 'Đề nghị chi trả từ Excel')], max_length=12, verbose_name='loại')),
                ('file_name', models.CharField(max_length=250, verbose_name='tệp')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='mã băm')),
                ('project', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.project')),
                ('by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('applied', models.BooleanField(default=False, verbose_name='đã ghi')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='hoàn tác lúc')),
                ('undone_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('undo_report', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='importing.importrun')),
                ('row', models.PositiveIntegerField(verbose_name='dòng')),
                ('action', models.CharField(choices=[('created', 'tạo mới'), ('changed', 'thay đổi')], max_length=10)),
                ('model', models.CharField(max_length=40)),
                ('object_id', models.BigIntegerField()),
                ('version_after', models.IntegerField(null=True)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'verbose_name': 'dòng đã nhập',
                'verbose_name_plural': 'dòng đã nhập',
                'indexes': [models.Index(fields=['run', 'row'], name='importrow_run_row')],
            },
        ),
        migrations.CreateModel(
            name='CreatedRows',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='created', to='importing.importrun')),
                ('model', models.CharField(max_length=40)),
                ('rows', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None)),
                ('object_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('land_classes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), null=True, size=None)),
                ('areas_m2', django.contrib.postgres.fields.ArrayField(base_field=gpmb.fields.AreaField(decimal_places=2, max_digits=13), null=True, size=None)),
            ],
            options={
                'verbose_name': 'các dòng đã tạo',
                'verbose_name_plural': 'các dòng đã tạo',
            },
        ),
        migrations.CreateModel(
            name='SavedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('parcels', 'Thửa đất từ tệp bản đồ'), ('boundaries', 'Địa giới hành chính'), ('workbook', 'Danh sách Excel'), ('complaints', 'Đơn thư từ Excel'), ('takings', 'Phần thu hồi từ Excel'), ('targets', 'Chỉ tiêu kế hoạch từ Excel'), ('obstacles', 'Vướng mắc từ Excel'), ('payments', 'Đề nghị chi trả từ Excel')], max_length=12)),
                ('signature', models.CharField(max_length=64)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.organisation')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('answers', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'cách hiểu cột',
                'verbose_name_plural': 'cách hiểu cột',
                'constraints': [models.UniqueConstraint(condition=models.Q(('organisation__isnull', False)), fields=('kind', 'signature', 'organisation'), name='mapping_once_for_organisation'), models.UniqueConstraint(condition=models.Q(('organisation__isnull', True)), fields=('kind', 'signature', 'by'), name='mapping_once_for_person')],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('parcels', 'Thửa đất từ tệp bản đồ'), ('boundaries', 'Địa giới hành chính'), ('workbook', 'Danh sách Excel'), ('complaints', 'Đơn thư từ Excel'), ('takings', 'Phần thu hồi từ Excel'), ('targets', 'Chỉ tiêu kế hoạch từ Excel'), ('obstacles', 'Vướng mắc từ Excel'), ('payments', 'Đề nghị chi trả từ Excel')], max_length=12, verbose_name='loại')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='clearance.project')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('file', models.FileField(max_length=120, upload_to=gpmb.importing.models.private_path)),
                ('file_name', models.CharField(max_length=250, verbose_name='tệp')),
                ('pasted', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('asking', 'chờ trả lời'), ('checking', 'đang kiểm tra'), ('checked', 'chờ xác nhận'), ('writing', 'đang ghi'), ('done', 'đã ghi'), ('failed', 'không đọc được')], default='asking', max_length=10)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('understood', models.JSONField(blank=True, default=dict)),
                ('preview', models.JSONField(blank=True, default=dict)),
                ('message', models.TextField(blank=True)),
                ('doing', models.CharField(blank=True, max_length=60)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('beat_at', models.DateTimeField(blank=True, null=True)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='importing.importrun')),
            ],
            options={
                'verbose_name': 'tệp đang nhập',
                'verbose_name_plural': 'tệp đang nhập',
                'ordering': ['-created_at'],
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['importrun'],
        ),
    ]
