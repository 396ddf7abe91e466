"""The entitlement of a case can't be lowered below the plots it holds.

The trigger stands on the case's table, which knows nothing of plots: only this layer can ask.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION resettlement_entitlement_covers_plots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entitled_plots < OLD.entitled_plots AND NEW.entitled_plots < (
        SELECT count(*) FROM resettlement_allocation
         WHERE case_id = NEW.id AND released_on IS NULL)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'Số lô được bố trí thấp hơn số lô hồ sơ đang giữ.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entitlement_covers_plots BEFORE UPDATE OF entitled_plots ON clearance_case
    FOR EACH ROW EXECUTE FUNCTION resettlement_entitlement_covers_plots();
"""
UNDO = """
DROP TRIGGER entitlement_covers_plots ON clearance_case;
DROP FUNCTION resettlement_entitlement_covers_plots();
"""


class Migration(migrations.Migration):
    dependencies = [("resettlement", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
