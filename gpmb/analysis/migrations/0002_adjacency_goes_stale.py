"""Pairs of neighbours are stale once a boundary changed.

The triggers stand on tables of lower layers, which know nothing of neighbours: only this layer can
ask.
"""

from django.db import migrations

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
    dependencies = [("analysis", "0001_initial")]
    operations = [
        trigger("gpmb_adjacency_taking_added", "clearance_taking", "INSERT", TAKINGS_ADDED),
        trigger("gpmb_adjacency_taking_changed", "clearance_taking", "UPDATE", TAKINGS_CHANGED),
        trigger("gpmb_adjacency_parcel_changed", "land_parcel", "UPDATE", PARCELS_CHANGED),
    ]
