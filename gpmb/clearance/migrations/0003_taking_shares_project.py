"""A taking and its case are of one project: a composite key Django's models can't express."""

from django.db import migrations

ADD = """
ALTER TABLE clearance_taking ADD CONSTRAINT taking_case_same_project
    FOREIGN KEY (case_id, project_id) REFERENCES clearance_case (id, project_id)
    DEFERRABLE INITIALLY DEFERRED
"""
DROP = "ALTER TABLE clearance_taking DROP CONSTRAINT taking_case_same_project"


class Migration(migrations.Migration):
    dependencies = [("clearance", "0002_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]
