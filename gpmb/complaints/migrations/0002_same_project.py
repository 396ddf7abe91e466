"""A letter's cases are of the letter's project: composite keys Django's models can't express."""

from django.db import migrations

ADD = """
ALTER TABLE complaints_complaintcase ADD CONSTRAINT complaintcase_case_same_project
    FOREIGN KEY (case_id, project_id) REFERENCES clearance_case (id, project_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE complaints_complaintcase ADD CONSTRAINT complaintcase_letter_same_project
    FOREIGN KEY (complaint_id, project_id) REFERENCES complaints_complaint (id, project_id)
    DEFERRABLE INITIALLY DEFERRED
"""
DROP = """
ALTER TABLE complaints_complaintcase DROP CONSTRAINT complaintcase_letter_same_project;
ALTER TABLE complaints_complaintcase DROP CONSTRAINT complaintcase_case_same_project
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]
