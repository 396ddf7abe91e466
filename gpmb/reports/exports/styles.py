"""How a layer looks where it is opened: the stages' colours for QGIS and Google Earth."""

from __future__ import annotations

import sqlite3
from xml.sax.saxutils import escape, quoteattr

from gpmb.law.steps import STAGE_LABELS
from maps import palette

# The table that QGIS looks for in a GeoPackage (QgsProviderRegistry "saveStyle").
_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES
    ('layer_styles', 'attributes', 'layer_styles')
"""
_ROW = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
                          styleName, styleQML, styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, 'geom', 'Giai đoạn', ?, ?, 1, 'Màu theo giai đoạn', '')
"""


def add_to(database: sqlite3.Connection, layer: str) -> None:
    """Make QGIS open `layer` of this GeoPackage in the stages' colours."""
    database.execute(_TABLE)
    database.execute(_CONTENTS)
    database.execute(_ROW, (layer, qml(), sld(layer)))


def qml() -> str:
    """A categorized renderer on `giai_doan`, labels "5/85"."""
    categories = "".join(
        f"<category value={quoteattr(str(stage))} symbol={quoteattr(str(stage))} "
        f'label={quoteattr(STAGE_LABELS[stage])} render="true"/>'
        for stage in range(len(palette.STAGES))
    )
    symbols = "".join(_symbol(stage, fill) for stage, fill in enumerate(palette.STAGES))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22" styleCategories="Symbology|Labeling" labelsEnabled="1">'
        '<renderer-v2 type="categorizedSymbol" attr="giai_doan" symbollevels="0" '
        f'enableorderby="0" forceraster="0"><categories>{categories}</categories>'
        f"<symbols>{symbols}</symbols></renderer-v2>"
        '<labeling type="simple"><settings><text-style fieldName='
        '"so_to || \'/\' || so_thua" isExpression="1" fontSize="8" '
        f'textColor="{_rgb(palette.INK)}"/>'
        '<rendering scaleVisibility="1" scaleMin="5000" scaleMax="1"/></settings></labeling>'
        "</qgis>"
    )


def _symbol(stage: int, fill: palette.Fill) -> str:
    line = "dash" if fill.pattern == "dashed" else "solid"
    return (
        f'<symbol type="fill" name="{stage}" alpha="1" clip_to_extent="1">'
        '<layer class="SimpleFill" enabled="1" pass="0" locked="0"><Option type="Map">'
        f'<Option type="QString" name="color" value="{_rgb(fill.colour)}"/>'
        f'<Option type="QString" name="outline_color" value="{_rgb(palette.OUTLINE)}"/>'
        f'<Option type="QString" name="outline_style" value="{line}"/>'
        '<Option type="QString" name="outline_width" value="0.2"/>'
        '<Option type="QString" name="style" value="solid"/></Option></layer></symbol>'
    )


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},255"


def sld(layer: str) -> str:
    """The same colours as OGC Styled Layer Descriptor 1.0, for other programs."""
    rules = "".join(
        f"<Rule><Title>{escape(STAGE_LABELS[stage])}</Title><ogc:Filter><ogc:PropertyIsEqualTo>"
        f"<ogc:PropertyName>giai_doan</ogc:PropertyName><ogc:Literal>{stage}</ogc:Literal>"
        "</ogc:PropertyIsEqualTo></ogc:Filter><PolygonSymbolizer><Fill>"
        f'<CssParameter name="fill">{fill.colour}</CssParameter></Fill><Stroke>'
        f'<CssParameter name="stroke">{palette.OUTLINE}</CssParameter>'
        '<CssParameter name="stroke-width">0.5</CssParameter></Stroke></PolygonSymbolizer></Rule>'
        for stage, fill in enumerate(palette.STAGES)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><StyledLayerDescriptor version="1.0.0" '
        'xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">'
        f"<NamedLayer><Name>{escape(layer)}</Name><UserStyle><FeatureTypeStyle>{rules}"
        "</FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"
    )


def kml() -> str:
    """One shared style a stage: KML writes a colour as alpha, blue, green, red."""
    return "".join(
        f'<Style id="gd{stage}"><LineStyle><color>ff{_bgr(palette.OUTLINE)}</color>'
        f"<width>1</width></LineStyle><PolyStyle><color>b3{_bgr(fill.colour)}</color></PolyStyle>"
        "</Style>"
        for stage, fill in enumerate(palette.STAGES)
    )


def _bgr(colour: str) -> str:
    return colour[5:7] + colour[3:5] + colour[1:3]
