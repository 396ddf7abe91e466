"""The case page reads the history of one household's rows: an index for each table it asks."""

from django.db import migrations

COLUMNS = {
    "clearance_casehistoryevent": "pgh_obj_id",
    "clearance_casepartyhistoryevent": "case_id",
    "clearance_takinghistoryevent": "case_id",
    "clearance_obstaclehistoryevent": "case_id",
    "land_partyhistoryevent": "pgh_obj_id",
    "compensation_planhistoryevent": "case_id",
    "compensation_planitemhistoryevent": "plan_id",
    "compensation_paymenthistoryevent": "case_id",
}


class Migration(migrations.Migration):
    dependencies = [("compensation", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"CREATE INDEX {table}_by_row ON {table} ({column})",
            f"DROP INDEX {table}_by_row",
        )
        for table, column in COLUMNS.items()
    ]
