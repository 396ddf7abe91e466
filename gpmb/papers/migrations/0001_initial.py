import django.db.models.deletion
import django.db.models.functions.datetime
import gpmb.fields
import gpmb.papers.contents
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
        ('complaints', '0001_initial'),
        ('land', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='mã băm')),
                ('kind', models.CharField(choices=[(gpmb.papers.contents.FileKind['PDF'], 'PDF'), (gpmb.papers.contents.FileKind['JPEG'], 'JPG'), (gpmb.papers.contents.FileKind['PNG'], 'PNG'), (gpmb.papers.contents.FileKind['DOCX'], 'DOCX'), (gpmb.papers.contents.FileKind['XLSX'], 'XLSX')], max_length=4, verbose_name='loại tệp')),
                ('size_bytes', models.PositiveIntegerField(verbose_name='cỡ tệp (byte)')),
                ('kept_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='lưu lúc')),
            ],
            options={
                'verbose_name': 'tệp',
                'verbose_name_plural': 'tệp',
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_storedfilehistoryevent" ("id", "kept_at", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size_bytes") SELECT new_values."id", new_values."kept_at", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sha256", new_values."size_bytes" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='117b9c01d220c6f4b40177da0968beeabb74f7a7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_67996', referencing='REFERENCING NEW TABLE AS new_values ', table='papers_storedfile', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_storedfilehistoryevent" ("id", "kept_at", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size_bytes") SELECT new_values."id", new_values."kept_at", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sha256", new_values."size_bytes" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='24e802dc24fff5ef4428c9b01488a8b5f97d5ccd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9d3ea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='papers_storedfile', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_storedfilehistoryevent" ("id", "kept_at", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size_bytes") SELECT old_values."id", old_values."kept_at", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sha256", old_values."size_bytes" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8469ef7a47039f6421155d3c7a758b4bc65820f3', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f5125', referencing='REFERENCING OLD TABLE AS old_values ', table='papers_storedfile', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='StoredFileHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='papers.storedfile')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64, verbose_name='mã băm')),
                ('kind', models.CharField(choices=[(gpmb.papers.contents.FileKind['PDF'], 'PDF'), (gpmb.papers.contents.FileKind['JPEG'], 'JPG'), (gpmb.papers.contents.FileKind['PNG'], 'PNG'), (gpmb.papers.contents.FileKind['DOCX'], 'DOCX'), (gpmb.papers.contents.FileKind['XLSX'], 'XLSX')], max_length=4, verbose_name='loại tệp')),
                ('size_bytes', models.PositiveIntegerField(verbose_name='cỡ tệp (byte)')),
                ('kept_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='lưu lúc')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='papers.storedfile')),
                ('name', models.CharField(max_length=140, verbose_name='tên tệp')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='nội dung')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='clearance.case')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='land.document')),
                ('obstacle', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='clearance.obstacle')),
                ('outreach', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='clearance.outreach')),
                ('complaint', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='complaints.complaint')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người đính kèm')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='đính kèm lúc')),
                ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người gỡ')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='gỡ lúc')),
                ('removed_reason', models.CharField(blank=True, max_length=200, verbose_name='lý do gỡ')),
            ],
            options={
                'verbose_name': 'tệp đính kèm',
                'verbose_name_plural': 'tệp đính kèm',
                'ordering': ['-added_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('complaint__isnull', True), ('document__isnull', True), ('obstacle__isnull', True), ('outreach__isnull', True)), models.Q(('case__isnull', True), ('complaint__isnull', True), ('document__isnull', False), ('obstacle__isnull', True), ('outreach__isnull', True)), models.Q(('case__isnull', True), ('complaint__isnull', True), ('document__isnull', True), ('obstacle__isnull', False), ('outreach__isnull', True)), models.Q(('case__isnull', True), ('complaint__isnull', True), ('document__isnull', True), ('obstacle__isnull', True), ('outreach__isnull', False)), models.Q(('case__isnull', True), ('complaint__isnull', False), ('document__isnull', True), ('obstacle__isnull', True), ('outreach__isnull', True)), _connector='OR'), name='attachment_has_one_target', violation_error_message='Tệp phải đính vào đúng một nơi.'), models.CheckConstraint(condition=models.Q(('removed_at__isnull', True), models.Q(('removed_reason', ''), _negated=True), _connector='OR'), name='attachment_removal_has_reason', violation_error_message='Gỡ tệp phải ghi lý do.'), models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('file', 'case', 'document', 'obstacle', 'outreach', 'complaint'), name='attachment_once', nulls_distinct=False, violation_error_message='Tệp này đã được đính kèm ở đây rồi.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_attachmenthistoryevent" ("added_at", "added_by_id", "case_id", "complaint_id", "document_id", "file_id", "id", "name", "note", "obstacle_id", "outreach_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "removed_at", "removed_by_id", "removed_reason") SELECT new_values."added_at", new_values."added_by_id", new_values."case_id", new_values."complaint_id", new_values."document_id", new_values."file_id", new_values."id", new_values."name", new_values."note", new_values."obstacle_id", new_values."outreach_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref", new_values."removed_at", new_values."removed_by_id", new_values."removed_reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='01ccc5106ebdeb39ef837022b63bfb22269a9ab1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8b9a4', referencing='REFERENCING NEW TABLE AS new_values ', table='papers_attachment', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_attachmenthistoryevent" ("added_at", "added_by_id", "case_id", "complaint_id", "document_id", "file_id", "id", "name", "note", "obstacle_id", "outreach_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "removed_at", "removed_by_id", "removed_reason") SELECT new_values."added_at", new_values."added_by_id", new_values."case_id", new_values."complaint_id", new_values."document_id", new_values."file_id", new_values."id", new_values."name", new_values."note", new_values."obstacle_id", new_values."outreach_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref", new_values."removed_at", new_values."removed_by_id", new_values."removed_reason" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b1239c00f5d8b5629907046cb0f95a13cac8e8d0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_13eb2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='papers_attachment', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_attachmenthistoryevent" ("added_at", "added_by_id", "case_id", "complaint_id", "document_id", "file_id", "id", "name", "note", "obstacle_id", "outreach_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref", "removed_at", "removed_by_id", "removed_reason") SELECT old_values."added_at", old_values."added_by_id", old_values."case_id", old_values."complaint_id", old_values."document_id", old_values."file_id", old_values."id", old_values."name", old_values."note", old_values."obstacle_id", old_values."outreach_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref", old_values."removed_at", old_values."removed_by_id", old_values."removed_reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c841df30b7534b7a240796d618c6a34a68a6f469', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_afcc1', referencing='REFERENCING OLD TABLE AS old_values ', table='papers_attachment', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='AttachmentHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='papers.attachment')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='papers.storedfile')),
                ('name', models.CharField(max_length=140, verbose_name='tên tệp')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='nội dung')),
                ('case', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document')),
                ('obstacle', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.obstacle')),
                ('outreach', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.outreach')),
                ('complaint', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='complaints.complaint')),
                ('added_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người đính kèm')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='đính kèm lúc')),
                ('removed_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người gỡ')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='gỡ lúc')),
                ('removed_reason', models.CharField(blank=True, max_length=200, verbose_name='lý do gỡ')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LetterTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('thong-bao', 'Thông báo thu hồi đất'), ('giay-moi', 'Giấy mời'), ('kiem-dem', 'Biên bản kiểm đếm'), ('niem-yet', 'Danh sách niêm yết phương án'), ('to-trinh', 'Tờ trình phê duyệt phương án'), ('quyet-dinh', 'Quyết định phê duyệt phương án'), ('moi-nhan-tien', 'Giấy mời nhận tiền'), ('ban-giao-dat', 'Biên bản bàn giao đất'), ('ban-giao-mat-bang', 'Biên bản bàn giao mặt bằng cho chủ đầu tư'), ('bien-nhan', 'Giấy biên nhận đơn'), ('thu-ly', 'Thông báo thụ lý'), ('chuyen-don', 'Phiếu chuyển đơn'), ('huong-dan', 'Phiếu hướng dẫn')], max_length=20, verbose_name='loại văn bản')),
                ('number', models.PositiveSmallIntegerField(verbose_name='phiên bản')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='papers.storedfile')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='thay đổi')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người thay')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='lúc')),
            ],
            options={
                'verbose_name': 'mẫu văn bản',
                'verbose_name_plural': 'mẫu văn bản',
                'ordering': ['kind', '-number'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'number'), name='template_version_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_lettertemplatehistoryevent" ("added_at", "added_by_id", "file_id", "id", "kind", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref") SELECT new_values."added_at", new_values."added_by_id", new_values."file_id", new_values."id", new_values."kind", new_values."note", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."ref" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dd583d3c133fb9bb0a261ebb0df42bd5f93d5579', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_08443', referencing='REFERENCING NEW TABLE AS new_values ', table='papers_lettertemplate', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_lettertemplatehistoryevent" ("added_at", "added_by_id", "file_id", "id", "kind", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref") SELECT new_values."added_at", new_values."added_by_id", new_values."file_id", new_values."id", new_values."kind", new_values."note", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."ref" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='179b3b0e0f3e0bdd22aec9ec36dca0395c368536', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_010e1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='papers_lettertemplate', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "papers_lettertemplatehistoryevent" ("added_at", "added_by_id", "file_id", "id", "kind", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ref") SELECT old_values."added_at", old_values."added_by_id", old_values."file_id", old_values."id", old_values."kind", old_values."note", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."ref" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='3707e9f531d82eeaecd812d68d2adcec8b4e8829', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_dc59d', referencing='REFERENCING OLD TABLE AS old_values ', table='papers_lettertemplate', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='LetterTemplateHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='papers.lettertemplate')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('kind', models.CharField(choices=[('thong-bao', 'Thông báo thu hồi đất'), ('giay-moi', 'Giấy mời'), ('kiem-dem', 'Biên bản kiểm đếm'), ('niem-yet', 'Danh sách niêm yết phương án'), ('to-trinh', 'Tờ trình phê duyệt phương án'), ('quyet-dinh', 'Quyết định phê duyệt phương án'), ('moi-nhan-tien', 'Giấy mời nhận tiền'), ('ban-giao-dat', 'Biên bản bàn giao đất'), ('ban-giao-mat-bang', 'Biên bản bàn giao mặt bằng cho chủ đầu tư'), ('bien-nhan', 'Giấy biên nhận đơn'), ('thu-ly', 'Thông báo thụ lý'), ('chuyen-don', 'Phiếu chuyển đơn'), ('huong-dan', 'Phiếu hướng dẫn')], max_length=20, verbose_name='loại văn bản')),
                ('number', models.PositiveSmallIntegerField(verbose_name='phiên bản')),
                ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='papers.storedfile')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='thay đổi')),
                ('added_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người thay')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='lúc')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LetterRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='người soạn')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='lúc')),
                ('on', models.DateField(verbose_name='số liệu đến ngày')),
                ('total', models.PositiveIntegerField(verbose_name='số bản')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='đã soạn')),
                ('state', models.CharField(choices=[('waiting', 'Đang chờ'), ('writing', 'Đang soạn'), ('converting', 'Đang chuyển sang PDF'), ('done', 'Xong'), ('failed', 'Không xong')], default='waiting', max_length=10, verbose_name='tình trạng')),
                ('problem', models.CharField(blank=True, max_length=300, verbose_name='lỗi')),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='cập nhật lúc')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='papers.lettertemplate')),
                ('format', models.CharField(choices=[('docx', 'Word, một tệp để in'), ('zip', 'Word, mỗi hộ một tệp (nén)'), ('pdf', 'PDF, một tệp để in')], max_length=5, verbose_name='dạng tệp')),
                ('filters', models.CharField(blank=True, max_length=1000, verbose_name='bộ lọc')),
                ('typed', models.JSONField(default=dict, verbose_name='nội dung gõ khi soạn')),
                ('cases', models.ManyToManyField(related_name='letter_runs', to='clearance.case')),
            ],
            options={
                'verbose_name': 'lượt soạn văn bản',
                'verbose_name_plural': 'lượt soạn văn bản',
                'ordering': ['-at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('done__lte', models.F('total')), ('total__gt', 0)), name='letterrun_done_within_total', violation_error_message='Lượt soạn phải có ít nhất một văn bản.')],
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['storedfile', 'attachment', 'lettertemplate'],
        ),
    ]
