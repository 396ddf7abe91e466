import gpmb.triggers
import pgtrigger.compiler
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('land', '0001_initial'),
    ]

    operations = [
        gpmb.triggers.ReplaceTriggers(
            model_name='parcel',
            triggers=[pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.version IS DISTINCT FROM OLD.version + 1 AND (OLD.* IS DISTINCT FROM NEW.*))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='f92721693dd66b8ea2f4eb0b003d30ac7ac112d3', operation='UPDATE', pgid='pgtrigger_bump_version_9cfdb', table='land_parcel', when='BEFORE')), pgtrigger.compiler.Trigger(name='touch_project_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched bigint[];', func='\n                    touched := ARRAY(SELECT DISTINCT id FROM (SELECT t.project_id FROM old_values r JOIN clearance_taking t ON t.parcel_id = r.id UNION SELECT t.project_id FROM new_values r JOIN clearance_taking t ON t.parcel_id = r.id) AS changed (id));\n                    PERFORM 1 FROM clearance_projectversion\n                     WHERE project_id = ANY(touched) ORDER BY project_id FOR UPDATE;\n                    UPDATE clearance_projectversion SET number = number + 1\n                     WHERE project_id = ANY(touched);\n                    RETURN NULL;\n                ', hash='057737373f640eccf4f64c5fa5afac6504f21423', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_project_update_09f09', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='land_parcel', when='AFTER'))],
        ),
        gpmb.triggers.ReplaceTriggers(
            model_name='party',
            triggers=[pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.version IS DISTINCT FROM OLD.version + 1 AND ((OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."bank_account" IS DISTINCT FROM (NEW."bank_account") OR OLD."bank_name" IS DISTINCT FROM (NEW."bank_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."id_number" IS DISTINCT FROM (NEW."id_number") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."members" IS DISTINCT FROM (NEW."members") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."ref" IS DISTINCT FROM (NEW."ref") OR OLD."sensitive_note" IS DISTINCT FROM (NEW."sensitive_note") OR OLD."version" IS DISTINCT FROM (NEW."version"))))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='c654de0aea01941c643a7aea71e6a96307c63cd4', operation='UPDATE', pgid='pgtrigger_bump_version_1d683', table='land_party', when='BEFORE'))],
        ),
    ]
