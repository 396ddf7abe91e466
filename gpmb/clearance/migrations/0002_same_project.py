"""What names a case is of the case's project: a composite key Django's models can't express."""

from django.db import migrations


def same_project(table: str) -> migrations.RunSQL:
    name = f"{table}_case_same_project"
    return migrations.RunSQL(
        f"""
        ALTER TABLE clearance_{table} ADD CONSTRAINT {name}
            FOREIGN KEY (case_id, project_id) REFERENCES clearance_case (id, project_id)
            DEFERRABLE INITIALLY DEFERRED
        """,
        f"ALTER TABLE clearance_{table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("clearance", "0001_initial")]
    operations = [same_project("taking"), same_project("inquiry")]
