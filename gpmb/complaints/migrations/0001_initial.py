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
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='clearance.case')),
                ('parcel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='land.parcel')),
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
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'denunciation'), _negated=True), models.Q(('case__isnull', True), ('channel', ''), ('content', ''), ('location__isnull', True), ('parcel__isnull', True), ('people_count', 1), ('project__isnull', True), ('repeats__isnull', True), ('target', ''), ('target_step', ''), ('topic', '')), _connector='OR'), name='complaint_denunciation_holds_nothing', violation_error_message='Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái; không lưu người, nội dung, thửa đất, hồ sơ.'), models.CheckConstraint(condition=models.Q(('people_count__gte', 1)), name='complaint_people_positive', violation_error_message='Số người phải từ 1.')],
                'triggers': [pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='3466126b817074589ce76376ccc690a658619b5e', operation='UPDATE', pgid='pgtrigger_bump_version_841c9', table='complaints_complaint', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM new_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM new_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='1e78e5df6ab5cf0ce6fedf86fd85229ead49157d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_project_insert_d369a', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL UNION SELECT project_id FROM new_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL UNION SELECT project_id FROM new_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='1f14eaebe38868cfa662ca8f3d7b8812f161b8ae', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_e1558', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='touch_project_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id IN (SELECT project_id FROM old_values WHERE project_id IS NOT NULL);\n                    RETURN NULL;\n                ', hash='41c82d6b81161c41097bb7c9eb1c31fa9bba378f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_touch_project_delete_6c1cf', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "case_id", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "parcel_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT new_values."accepted_on", new_values."answered_on", new_values."case_id", new_values."channel", new_values."closed_on", new_values."confidential", new_values."content", new_values."document_id", new_values."due_on", new_values."extensions", new_values."id", new_values."implemented_on", new_values."is_complex", new_values."kind", new_values."level", new_values."location", new_values."officer_id", new_values."parcel_id", new_values."people_count", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."project_id", new_values."received_on", new_values."ref", new_values."repeats_id", new_values."result", new_values."serial", new_values."status", new_values."target", new_values."target_step", new_values."topic", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='25e286ac6bf07eabd5f0d6d7d3e20cf23a1f39e2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_85fac', referencing='REFERENCING NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "case_id", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "parcel_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT new_values."accepted_on", new_values."answered_on", new_values."case_id", new_values."channel", new_values."closed_on", new_values."confidential", new_values."content", new_values."document_id", new_values."due_on", new_values."extensions", new_values."id", new_values."implemented_on", new_values."is_complex", new_values."kind", new_values."level", new_values."location", new_values."officer_id", new_values."parcel_id", new_values."people_count", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."project_id", new_values."received_on", new_values."ref", new_values."repeats_id", new_values."result", new_values."serial", new_values."status", new_values."target", new_values."target_step", new_values."topic", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b3d58ebf19e92c361108a24123fd7e573ef766a4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_36c30', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='complaints_complaint', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "complaints_complainthistoryevent" ("accepted_on", "answered_on", "case_id", "channel", "closed_on", "confidential", "content", "document_id", "due_on", "extensions", "id", "implemented_on", "is_complex", "kind", "level", "location", "officer_id", "parcel_id", "people_count", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project_id", "received_on", "ref", "repeats_id", "result", "serial", "status", "target", "target_step", "topic", "version") SELECT old_values."accepted_on", old_values."answered_on", old_values."case_id", old_values."channel", old_values."closed_on", old_values."confidential", old_values."content", old_values."document_id", old_values."due_on", old_values."extensions", old_values."id", old_values."implemented_on", old_values."is_complex", old_values."kind", old_values."level", old_values."location", old_values."officer_id", old_values."parcel_id", old_values."people_count", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."project_id", old_values."received_on", old_values."ref", old_values."repeats_id", old_values."result", old_values."serial", old_values."status", old_values."target", old_values."target_step", old_values."topic", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d4ec8d170bcb08101a216c48fa2b43ec4d2e6f84', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a79b8', referencing='REFERENCING OLD TABLE AS old_values ', table='complaints_complaint', when='AFTER'))],
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
                ('case', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clearance.case')),
                ('parcel', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='land.parcel')),
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
                'triggers': [pgtrigger.compiler.Trigger(name='not_of_a_denunciation', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT FROM complaints_complaint\n                                WHERE id = NEW.complaint_id AND kind = 'denunciation') THEN\n                        RAISE EXCEPTION 'a denunciation has no petitioner on record'\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='be5bdfcea7abaf7e984d0c5cdb0e6385a0d47cfa', operation='INSERT OR UPDATE', pgid='pgtrigger_not_of_a_denunciation_2eef4', table='complaints_complaintparty', when='BEFORE'))],
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
            name='parties',
            field=models.ManyToManyField(related_name='complaints', through='complaints.ComplaintParty', to='land.party'),
        ),
        gpmb.triggers.InstallTriggers(
            models=['complaint', 'complaintparty', 'complaintevent'],
        ),
    ]
