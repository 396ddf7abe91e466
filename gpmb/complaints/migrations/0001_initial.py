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
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('serial', models.CharField(max_length=30, unique=True, verbose_name='số tiếp nhận')),
                ('kind', models.CharField(choices=[('petition', 'Kiến nghị, phản ánh'), ('complaint', 'Khiếu nại'), ('denunciation', 'Tố cáo'), ('lawsuit', 'Khởi kiện')], max_length=15, verbose_name='loại đơn')),
                ('received_on', models.DateField(verbose_name='ngày nhận')),
                ('channel', models.CharField(blank=True, choices=[('reception', 'Tiếp công dân'), ('post', 'Bưu điện'), ('online', 'Cổng dịch vụ công'), ('forwarded', 'Cơ quan khác chuyển đến'), ('posting', 'Trong thời gian niêm yết')], max_length=12, verbose_name='hình thức')),
                ('people_count', models.PositiveIntegerField(default=1, verbose_name='số người')),
                ('topic', models.CharField(blank=True, choices=[('price', 'Đơn giá bồi thường'), ('area', 'Diện tích, ranh giới'), ('origin', 'Nguồn gốc, loại đất'), ('owner', 'Chủ sử dụng'), ('asset', 'Thiếu tài sản, cây cối'), ('resettlement', 'Tái định cư'), ('support', 'Hỗ trợ'), ('procedure', 'Trình tự, thủ tục'), ('other', 'Khác')], max_length=15, verbose_name='nội dung')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='lần giải quyết')),
                ('target', models.CharField(blank=True, max_length=200, verbose_name='quyết định, hành vi bị khiếu nại')),
                ('target_step', models.CharField(blank=True, choices=[('notice', 'Thông báo thu hồi đất'), ('persuasion_inventory', 'Vận động, thuyết phục (kiểm đếm)'), ('compulsory_inventory', 'Quyết định kiểm đếm bắt buộc'), ('inventory', 'Kiểm đếm'), ('posting', 'Niêm yết công khai phương án'), ('consultation', 'Lấy ý kiến về phương án'), ('dialogue', 'Đối thoại'), ('appraisal', 'Thẩm định phương án'), ('approval', 'Phê duyệt phương án'), ('payment', 'Chi trả'), ('deposit', 'Gửi tiền vào tài khoản tiền gửi'), ('resettlement', 'Bố trí tái định cư'), ('recovery', 'Quyết định thu hồi đất'), ('persuasion_handover', 'Vận động, thuyết phục (bàn giao)'), ('enforcement', 'Cưỡng chế thu hồi đất'), ('handover', 'Bàn giao mặt bằng')], max_length=30, verbose_name='bước bị khiếu nại')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='clearance.project')),
                ('location', gpmb.fields.LegalPointField(blank=True, null=True, verbose_name='vị trí')),
                ('confidential', models.BooleanField(default=False, verbose_name='bảo mật')),
                ('content', models.TextField(blank=True, verbose_name='tóm tắt')),
                ('repeats', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated_by', to='complaints.complaint')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='cán bộ thụ lý')),
                ('status', models.CharField(choices=[('received', 'Đã tiếp nhận'), ('classified', 'Đã phân loại'), ('forwarded', 'Đã chuyển đơn'), ('returned', 'Trả lại, hướng dẫn'), ('not_accepted', 'Không thụ lý'), ('accepted', 'Đã thụ lý'), ('verifying', 'Đang xác minh'), ('dialogue', 'Đối thoại'), ('decided', 'Đã trả lời, có quyết định'), ('implemented', 'Đã thực hiện quyết định'), ('closed', 'Kết thúc'), ('withdrawn', 'Rút đơn'), ('suspended', 'Tạm đình chỉ')], default='received', max_length=15, verbose_name='trạng thái')),
                ('accepted_on', models.DateField(blank=True, null=True, verbose_name='ngày thụ lý')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='hạn giải quyết')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='ngày trả lời')),
                ('implemented_on', models.DateField(blank=True, null=True, verbose_name='ngày thực hiện xong')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='ngày kết thúc')),
                ('result', models.CharField(blank=True, choices=[('right', 'Đúng'), ('partly', 'Đúng một phần'), ('wrong', 'Sai')], max_length=10, verbose_name='kết quả')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document', verbose_name='quyết định giải quyết')),
                ('is_complex', models.BooleanField(default=False, verbose_name='vụ việc phức tạp')),
                ('extensions', models.PositiveSmallIntegerField(default=0, verbose_name='số lần gia hạn')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'đơn thư',
                'verbose_name_plural': 'đơn thư',
                'ordering': ['-received_on', '-id'],
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['location'], name='complaint_location'), models.Index(fields=['received_on'], name='complaint_received_on')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'denunciation'), _negated=True), models.Q(('channel', ''), ('content', ''), ('location__isnull', True), ('people_count', 1), ('project__isnull', True), ('repeats__isnull', True), ('target', ''), ('target_step', ''), ('topic', '')), _connector='OR'), name='complaint_denunciation_holds_nothing', violation_error_message='Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái; không lưu người, nội dung, thửa đất, hồ sơ.'), models.CheckConstraint(condition=models.Q(('people_count__gte', 1)), name='complaint_people_positive', violation_error_message='Số người phải từ 1.'), models.UniqueConstraint(fields=('id', 'project'), name='complaint_id_project')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='3466126b817074589ce76376ccc690a658619b5e', operation='UPDATE', pgid='pgtrigger_bump_version_841c9', table='complaints_complaint', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM new_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM new_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='1e78e5df6ab5cf0ce6fedf86fd85229ead49157d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_d369a', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL UNION SELECT project_id FROM new_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL UNION SELECT project_id FROM new_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='1f14eaebe38868cfa662ca8f3d7b8812f161b8ae', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_e1558', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='41c82d6b81161c41097bb7c9eb1c31fa9bba378f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_6c1cf', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='denunciation_forgets', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."kind" = \'denunciation\')', func="\n                    IF EXISTS (SELECT FROM complaints_complaintparty WHERE complaint_id = NEW.id)\n                    OR EXISTS (SELECT FROM complaints_complaintparcel WHERE complaint_id = NEW.id)\n                    THEN\n                        RAISE EXCEPTION 'a denunciation has no petitioner and no land on record'\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='117932aef5a4e25f6671ecb4c6e0304d179ecee3', operation='UPDATE', pgid='pgtrigger_denunciation_forgets_d92e4', table='complaints_complaint', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT new_values."accepted_on", new_values."answered_on", new_values."channel", new_values."closed_on", new_values."confidential", new_values."content", new_values."document_id", new_values."due_on", new_values."extensions", new_values."id", new_values."implemented_on", new_values."is_complex", new_values."kind", new_values."level", new_values."location", new_values."officer_id", new_values."people_count", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."project_id", new_values."received_on", new_values."ref", new_values."repeats_id", new_values."result", new_values."serial", new_values."status", new_values."target", new_values."target_step", new_values."topic", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e715d16154b6516e41f654dc1cf95e707c68d6d5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_85fac', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT new_values."accepted_on", new_values."answered_on", new_values."channel", new_values."closed_on", new_values."confidential", new_values."content", new_values."document_id", new_values."due_on", new_values."extensions", new_values."id", new_values."implemented_on", new_values."is_complex", new_values."kind", new_values."level", new_values."location", new_values."officer_id", new_values."people_count", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."project_id", new_values."received_on", new_values."ref", new_values."repeats_id", new_values."result", new_values."serial", new_values."status", new_values."target", new_values."target_step", new_values."topic", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b8cde2eab548f76481d93bd894cc3f6676b3c7e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_36c30', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT old_values."accepted_on", old_values."answered_on", old_values."channel", old_values."closed_on", old_values."confidential", old_values."content", old_values."document_id", old_values."due_on", old_values."extensions", old_values."id", old_values."implemented_on", old_values."is_complex", old_values."kind", old_values."level", old_values."location", old_values."officer_id", old_values."people_count", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."project_id", old_values."received_on", old_values."ref", old_values."repeats_id", old_values."result", old_values."serial", old_values."status", old_values."target", old_values."target_step", old_values."topic", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='eff7cb284b11be5f46c14c4ca268be507259634e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a79b8', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaint', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ComplaintParty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='complaint_parties', to='complaints.complaint')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaint_parties', to='land.party')),
                ('representative', models.BooleanField(default=False, verbose_name='người đại diện')),
            ],
            options={
                'verbose_name': 'người đứng đơn',
                'verbose_name_plural': 'người đứng đơn',
                'constraints': [models.UniqueConstraint(fields=('complaint', 'party'), name='complaintparty_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_of_a_denunciation', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM complaints_complaint\n                        WHERE id = NEW.complaint_id AND kind = 'denunciation') THEN\n                RAISE EXCEPTION 'a denunciation has no petitioner on record'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='65a2ae4f80014338f8c4a8f128d007c403de45f4', operation='INSERT OR UPDATE', pgid='pgtrigger_not_of_a_denunciation_2eef4', table='complaints_complaintparty', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintpartyhistoryevent" ("complaint_id", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "representative") SELECT new_values."complaint_id", new_values."id", new_values."party_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."representative" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fcab00bf18b71bfaecbada13dda4b6e2caff3a64', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_9cba3', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaintparty', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintpartyhistoryevent" ("complaint_id", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "representative") SELECT new_values."complaint_id", new_values."id", new_values."party_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."representative" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7a195c6951fc1670ceef15b215e8ac8cc7ae7c67', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_438ea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaintparty', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintpartyhistoryevent" ("complaint_id", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "representative") SELECT old_values."complaint_id", old_values."id", old_values."party_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."representative" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='203f74adc544cf4e3727ad8b4107271b7ee2a386', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_79851', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaintparty', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ComplaintPartyHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='complaints.complaintparty')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('complaint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='complaints.complaint')),
                ('party', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.party')),
                ('representative', models.BooleanField(default=False, verbose_name='người đại diện')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ComplaintCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='complaint_cases', to='complaints.complaint')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaint_cases', to='clearance.case')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clearance.project')),
            ],
            options={
                'verbose_name': 'hồ sơ của đơn',
                'verbose_name_plural': 'hồ sơ của đơn',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('complaint', 'case'), name='complaintcase_once', violation_error_message='Đơn đã ghi hồ sơ này.')],
                'triggers': [pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM new_values) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM new_values);\n                    RETURN NULL;\n                ', hash='036e914bcb068957125ffd10fd5bfd66400a13bd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_26d60', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaintcase', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values UNION SELECT project_id FROM new_values) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values UNION SELECT project_id FROM new_values);\n                    RETURN NULL;\n                ', hash='2e20206fbbe19b8fa022b2144c539f2ca49d7552', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_49bd1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaintcase', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values);\n                    RETURN NULL;\n                ', hash='603b322be7dc486db7c6e21b41617fac39c59207', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_a182e', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaintcase', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintcasehistoryevent" ("case_id", "complaint_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id") SELECT new_values."case_id", new_values."complaint_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."project_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f3c7985774a06a0bc532dc8b81e3d0a1728db8d3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_708f8', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaintcase', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintcasehistoryevent" ("case_id", "complaint_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id") SELECT new_values."case_id", new_values."complaint_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."project_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='40f4d6e7b04adbd803cd96a0839268053025af4b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_98238', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaintcase', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintcasehistoryevent" ("case_id", "complaint_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id") SELECT old_values."case_id", old_values."complaint_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."project_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='aadd365a229c23025cc570a55dd8c8ce3517fa00', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_64930', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaintcase', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ComplaintCaseHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='complaints.complaintcase')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('complaint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='complaints.complaint')),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.project')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ComplaintParcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='complaint_parcels', to='complaints.complaint')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaint_parcels', to='land.parcel')),
            ],
            options={
                'verbose_name': 'thửa đất của đơn',
                'verbose_name_plural': 'thửa đất của đơn',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('complaint', 'parcel'), name='complaintparcel_once', violation_error_message='Đơn đã ghi thửa đất này.')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_of_a_denunciation', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM complaints_complaint\n                        WHERE id = NEW.complaint_id AND kind = 'denunciation') THEN\n                RAISE EXCEPTION 'a denunciation has no land on record'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='b795259d032c4d9989f662d2c4c311d1243dfe5e', operation='INSERT OR UPDATE', pgid='pgtrigger_not_of_a_denunciation_816aa', table='complaints_complaintparcel', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM new_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='4989d087ae3db8c2dbeb20c7c8b4f84689c81a94', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_0acba', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaintparcel', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL UNION SELECT c.project_id FROM new_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL UNION SELECT c.project_id FROM new_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='0d08944523999739fefa4ed9f75bc7e379a334d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_4ba65', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaintparcel', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT c.project_id FROM old_values r JOIN complaints_complaint c ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='2fbc2c0de7d31cca62f7c80160fee21422d2face', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_582c5', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaintparcel', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintparcelhistoryevent" ("complaint_id", "id", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."complaint_id", new_values."id", new_values."parcel_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b263e2c306d9bc853922c8b8e81a47cf91f33e50', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b9a31', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaintparcel', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintparcelhistoryevent" ("complaint_id", "id", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."complaint_id", new_values."id", new_values."parcel_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dbe551bcc06a3540417be08dc8415b450e128c5e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_04375', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaintparcel', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complaintparcelhistoryevent" ("complaint_id", "id", "parcel_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."complaint_id", old_values."id", old_values."parcel_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a71410a1a54b5cc562e68b966c185c51a9a863e7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_40301', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaintparcel', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ComplaintParcelHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='complaints.complaintparcel')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('complaint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='complaints.complaint')),
                ('parcel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.parcel')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ComplaintHistoryevent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history_events', to='complaints.complaint')),
                ('pgh_context', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=False)),
                ('serial', models.CharField(max_length=30, verbose_name='số tiếp nhận')),
                ('kind', models.CharField(choices=[('petition', 'Kiến nghị, phản ánh'), ('complaint', 'Khiếu nại'), ('denunciation', 'Tố cáo'), ('lawsuit', 'Khởi kiện')], max_length=15, verbose_name='loại đơn')),
                ('received_on', models.DateField(verbose_name='ngày nhận')),
                ('channel', models.CharField(blank=True, choices=[('reception', 'Tiếp công dân'), ('post', 'Bưu điện'), ('online', 'Cổng dịch vụ công'), ('forwarded', 'Cơ quan khác chuyển đến'), ('posting', 'Trong thời gian niêm yết')], max_length=12, verbose_name='hình thức')),
                ('people_count', models.PositiveIntegerField(default=1, verbose_name='số người')),
                ('topic', models.CharField(blank=True, choices=[('price', 'Đơn giá bồi thường'), ('area', 'Diện tích, ranh giới'), ('origin', 'Nguồn gốc, loại đất'), ('owner', 'Chủ sử dụng'), ('asset', 'Thiếu tài sản, cây cối'), ('resettlement', 'Tái định cư'), ('support', 'Hỗ trợ'), ('procedure', 'Trình tự, thủ tục'), ('other', 'Khác')], max_length=15, verbose_name='nội dung')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='lần giải quyết')),
                ('target', models.CharField(blank=True, max_length=200, verbose_name='quyết định, hành vi bị khiếu nại')),
                ('target_step', models.CharField(blank=True, choices=[('notice', 'Thông báo thu hồi đất'), ('persuasion_inventory', 'Vận động, thuyết phục (kiểm đếm)'), ('compulsory_inventory', 'Quyết định kiểm đếm bắt buộc'), ('inventory', 'Kiểm đếm'), ('posting', 'Niêm yết công khai phương án'), ('consultation', 'Lấy ý kiến về phương án'), ('dialogue', 'Đối thoại'), ('appraisal', 'Thẩm định phương án'), ('approval', 'Phê duyệt phương án'), ('payment', 'Chi trả'), ('deposit', 'Gửi tiền vào tài khoản tiền gửi'), ('resettlement', 'Bố trí tái định cư'), ('recovery', 'Quyết định thu hồi đất'), ('persuasion_handover', 'Vận động, thuyết phục (bàn giao)'), ('enforcement', 'Cưỡng chế thu hồi đất'), ('handover', 'Bàn giao mặt bằng')], max_length=30, verbose_name='bước bị khiếu nại')),
                ('project', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.project')),
                ('location', gpmb.fields.LegalPointField(blank=True, null=True, verbose_name='vị trí')),
                ('confidential', models.BooleanField(default=False, verbose_name='bảo mật')),
                ('content', models.TextField(blank=True, verbose_name='tóm tắt')),
                ('repeats', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='complaints.complaint')),
                ('officer', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='cán bộ thụ lý')),
                ('status', models.CharField(choices=[('received', 'Đã tiếp nhận'), ('classified', 'Đã phân loại'), ('forwarded', 'Đã chuyển đơn'), ('returned', 'Trả lại, hướng dẫn'), ('not_accepted', 'Không thụ lý'), ('accepted', 'Đã thụ lý'), ('verifying', 'Đang xác minh'), ('dialogue', 'Đối thoại'), ('decided', 'Đã trả lời, có quyết định'), ('implemented', 'Đã thực hiện quyết định'), ('closed', 'Kết thúc'), ('withdrawn', 'Rút đơn'), ('suspended', 'Tạm đình chỉ')], default='received', max_length=15, verbose_name='trạng thái')),
                ('accepted_on', models.DateField(blank=True, null=True, verbose_name='ngày thụ lý')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='hạn giải quyết')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='ngày trả lời')),
                ('implemented_on', models.DateField(blank=True, null=True, verbose_name='ngày thực hiện xong')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='ngày kết thúc')),
                ('result', models.CharField(blank=True, choices=[('right', 'Đúng'), ('partly', 'Đúng một phần'), ('wrong', 'Sai')], max_length=10, verbose_name='kết quả')),
                ('document', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.document', verbose_name='quyết định giải quyết')),
                ('is_complex', models.BooleanField(default=False, verbose_name='vụ việc phức tạp')),
                ('extensions', models.PositiveSmallIntegerField(default=0, verbose_name='số lần gia hạn')),
                ('version', models.IntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ComplaintEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='complaints.complaint')),
                ('status', models.CharField(choices=[('received', 'Đã tiếp nhận'), ('classified', 'Đã phân loại'), ('forwarded', 'Đã chuyển đơn'), ('returned', 'Trả lại, hướng dẫn'), ('not_accepted', 'Không thụ lý'), ('accepted', 'Đã thụ lý'), ('verifying', 'Đang xác minh'), ('dialogue', 'Đối thoại'), ('decided', 'Đã trả lời, có quyết định'), ('implemented', 'Đã thực hiện quyết định'), ('closed', 'Kết thúc'), ('withdrawn', 'Rút đơn'), ('suspended', 'Tạm đình chỉ')], max_length=15, verbose_name='trạng thái')),
                ('on', models.DateField(verbose_name='ngày')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='ghi lúc')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='land.document')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
            ],
            options={
                'verbose_name': 'diễn biến đơn thư',
                'verbose_name_plural': 'diễn biến đơn thư',
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='74052a534e71dac9970ee5a73a0d0ce95ee9fa73', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_17d31', table='complaints_complaintevent', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='complaint',
            name='cases',
            field=models.ManyToManyField(related_name='complaints', through='complaints.ComplaintCase', to='clearance.case'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='parcels',
            field=models.ManyToManyField(related_name='complaints', through='complaints.ComplaintParcel', to='land.parcel'),
        ),
        migrations.AddField(
            model_name='complaint',
            name='parties',
            field=models.ManyToManyField(related_name='complaints', through='complaints.ComplaintParty', to='land.party'),
        ),
        gpmb.triggers.InstallTriggers(
            models=['complaint', 'complaintparty', 'complaintcase', 'complaintparcel', 'complaintevent'],
        ),
    ]
