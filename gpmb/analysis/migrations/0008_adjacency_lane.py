from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0007_hotspots")]
    operations = [
        migrations.AddField(
            model_name="adjacency",
            name="lane",
            field=models.BooleanField(default=False, verbose_name="qua đường đi"),
        ),
        # Pairs over lanes are computed with the others: what is stored is without them.
        migrations.RunSQL(
            "UPDATE analysis_adjacencystate SET stale = true", migrations.RunSQL.noop
        ),
    ]
