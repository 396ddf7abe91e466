"""What the database needs before the first table: extensions, the zone, the search folding."""

from django.conf import settings
from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

FOLD = """
CREATE OR REPLACE FUNCTION gpmb_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT lower(public.unaccent('public.unaccent', normalize($1, NFC))) $$
"""

# PostGIS 3.3 lacks the VN-2000 zones EPSG:9205-9218: the bare authority code is enough for PROJ.
ZONE = """
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
VALUES (%(srid)s, 'EPSG', %(srid)s, '', '') ON CONFLICT (srid) DO NOTHING
"""


def add_zone(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ZONE, {"srid": settings.SRID})


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        CreateExtension("postgis"),
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION IF EXISTS gpmb_fold(text)"),
        migrations.RunPython(add_zone, migrations.RunPython.noop),
    ]
