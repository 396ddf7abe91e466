import django.db.models.deletion
from django.db import migrations, models

# A statement that adds takings or changes a boundary marks the project's pairs stale. The row is
# always written, so that it waits for a computation under way and overrules it. Handing land over
# changes no boundary and marks nothing.
MARK = """
INSERT INTO analysis_adjacencystate (project_id, stale)
SELECT project_id, true FROM ({changed}) AS changed (project_id)
 GROUP BY project_id ORDER BY project_id
    ON CONFLICT (project_id) DO UPDATE SET stale = true;
RETURN NULL;
"""
TAKINGS_ADDED = "SELECT project_id FROM new_values"
TAKINGS_CHANGED = """
SELECT n.project_id FROM new_values n JOIN old_values o USING (id)
 WHERE n.boundary IS DISTINCT FROM o.boundary
    OR n.parcel_id IS DISTINCT FROM o.parcel_id
    OR n.project_id IS DISTINCT FROM o.project_id
"""
PARCELS_CHANGED = """
SELECT t.project_id FROM new_values n JOIN old_values o USING (id)
  JOIN clearance_taking t ON t.parcel_id = n.id AND t.boundary IS NULL
 WHERE n.boundary IS DISTINCT FROM o.boundary
"""


def trigger(name, table, operation, changed):
    tables = "NEW TABLE AS new_values"
    if operation == "UPDATE":
        tables = f"OLD TABLE AS old_values {tables}"
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {MARK.format(changed=changed)} END $$;
        CREATE TRIGGER {name} AFTER {operation} ON {table} REFERENCING {tables}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0005_delta_without_unit"),
        ("clearance", "0003_taking_shares_project"),
        ("land", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdjacencyState",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="adjacency_state",
                        serialize=False,
                        to="clearance.project",
                    ),
                ),
                ("stale", models.BooleanField(default=True)),
                ("computed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "trạng thái ranh giới chung",
                "verbose_name_plural": "trạng thái ranh giới chung",
            },
        ),
        migrations.CreateModel(
            name="Backtest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(unique=True, verbose_name="số liệu đến ngày")),
                ("made_at", models.DateTimeField(auto_now=True)),
                ("result", models.JSONField()),
            ],
            options={
                "verbose_name": "kiểm nghiệm dự báo",
                "verbose_name_plural": "kiểm nghiệm dự báo",
                "ordering": ["-on"],
            },
        ),
        migrations.CreateModel(
            name="Adjacency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shared_m", models.FloatField(verbose_name="ranh giới chung (m)")),
                (
                    "first",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clearance.taking",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clearance.project",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clearance.taking",
                    ),
                ),
            ],
            options={
                "verbose_name": "ranh giới chung",
                "verbose_name_plural": "ranh giới chung",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "first", "second"),
                        include=("shared_m",),
                        name="adjacency_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="adjacency_in_order",
                    ),
                ],
            },
        ),
        trigger(
            "gpmb_adjacency_taking_added", "clearance_taking", "INSERT", TAKINGS_ADDED
        ),
        trigger(
            "gpmb_adjacency_taking_changed", "clearance_taking", "UPDATE", TAKINGS_CHANGED
        ),
        trigger("gpmb_adjacency_parcel_changed", "land_parcel", "UPDATE", PARCELS_CHANGED),
    ]
