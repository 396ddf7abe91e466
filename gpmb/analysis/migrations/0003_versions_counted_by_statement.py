import gpmb.triggers
import pgtrigger.compiler
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0002_adjacency_goes_stale'),
    ]

    operations = [
        gpmb.triggers.ReplaceTriggers(
            model_name='hotspot',
            triggers=[pgtrigger.compiler.Trigger(name='bump_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.version IS DISTINCT FROM OLD.version + 1 AND (OLD.* IS DISTINCT FROM NEW.*))', func='NEW.version := OLD.version + 1; RETURN NEW;', hash='04271a0a91f70049e4974c4ca93f8d02c6377c6d', operation='UPDATE', pgid='pgtrigger_bump_version_cc8ab', table='analysis_hotspot', when='BEFORE'))],
        ),
    ]
