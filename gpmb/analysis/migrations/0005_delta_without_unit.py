import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0004_tiles")]
    operations = [
        migrations.AlterField(
            model_name="dailydelta",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="land.administrativeunit",
            ),
        ),
        migrations.RemoveConstraint(model_name="dailydelta", name="delta_once"),
        migrations.AddConstraint(
            model_name="dailydelta",
            constraint=models.UniqueConstraint(
                fields=("project", "unit", "stage", "on"),
                name="delta_once",
                nulls_distinct=False,
            ),
        ),
    ]
