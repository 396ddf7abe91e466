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
    ]

    operations = [
        migrations.CreateModel(
            name='ExportLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', gpmb.fields.RefField(default=gpmb.refs.new_ref, editable=False, unique=True)),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='lúc')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='người xuất')),
                ('source', models.CharField(choices=[('ho-so', 'Danh sách hồ sơ'), ('du-an', 'Trang dự án'), ('ban-do', 'Bản đồ'), ('ma-tran', 'Ma trận hộ × bước'), ('bao-cao', 'Báo cáo, tài liệu họp'), ('ke-hoach', 'Chỉ tiêu kế hoạch'), ('bang-ke', 'Bảng kê chi trả'), ('don-thu', 'Sổ đơn thư')], max_length=10, verbose_name='từ')),
                ('format', models.CharField(choices=[('xlsx', 'Excel: danh sách để in'), ('mau', 'Excel: mẫu nhập lại được'), ('gpkg', 'GeoPackage (QGIS, có sẵn màu)'), ('shp', 'Shapefile'), ('dxf', 'DXF (AutoCAD, MicroStation)'), ('geojson', 'GeoJSON'), ('kml', 'KML (Google Earth)'), ('pdf', 'Báo cáo PDF'), ('docx', 'Báo cáo Word'), ('xlsx-bc', 'Báo cáo Excel'), ('html', 'Bản đồ trình chiếu'), ('zip', 'Tài liệu hội nghị')], max_length=10, verbose_name='dạng tệp')),
                ('filters', models.CharField(blank=True, max_length=1000, verbose_name='bộ lọc')),
                ('query', models.CharField(blank=True, max_length=1000, verbose_name='địa chỉ')),
                ('on', models.DateField(verbose_name='số liệu đến ngày')),
                ('rows', models.PositiveIntegerField(verbose_name='số dòng')),
                ('personal', models.BooleanField(default=False, verbose_name='có tên hộ, số tiền')),
            ],
            options={
                'verbose_name': 'lượt xuất dữ liệu',
                'verbose_name_plural': 'lượt xuất dữ liệu',
                'ordering': ['-at'],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c5f2ae64d3343a9ba1b94d29df3ef51847943e8a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9f655', table='reports_exportlog', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PackRun',
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
                ('restricted', models.BooleanField(default=False, verbose_name='gồm dự án hạn chế')),
            ],
            options={
                'verbose_name': 'lượt soạn tài liệu hội nghị',
                'verbose_name_plural': 'lượt soạn tài liệu hội nghị',
                'ordering': ['-at', '-id'],
            },
        ),
        gpmb.triggers.InstallTriggers(
            models=['exportlog'],
        ),
    ]
