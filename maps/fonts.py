"""Be Vietnam Pro as TrueType files, for drawing on the server.

The browser's font files are WOFF2 subsets (Latin, extended Latin, Vietnamese); the chart library
reads neither WOFF2 nor a face split in three.
"""

import functools
import tempfile
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

from maps.assets import VENDOR

FAMILY = "Be Vietnam Pro"
SUBSETS = ("latin", "latin-ext", "vietnamese")
WEIGHTS = (400, 600)
# Kerning and hinting of three subsets don't merge; charts need neither.
_LEFT_OUT = ["GSUB", "GPOS", "GDEF", "fpgm", "prep", "cvt ", "gasp", "post"]


@functools.cache
def _kept() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="gpmb-fonts-")


@functools.cache
def folder(vendor: Path = VENDOR) -> Path | None:
    """Return a folder with one TTF a weight, made once a process; None without browser files."""
    source = vendor / "be-vietnam-pro/files"
    if not source.exists():
        return None
    target = Path(_kept().name)
    for weight in WEIGHTS:
        parts = []
        for subset in SUBSETS:
            face = TTFont(source / f"be-vietnam-pro-{subset}-{weight}-normal.woff2")
            face.flavor = None
            part = target / f"{subset}.part"
            face.save(part)
            parts.append(part)
        merged = Merger(options=Options(drop_tables=_LEFT_OUT)).merge([str(p) for p in parts])
        for record in merged["name"].names:
            if record.nameID == 1:  # weights of one family, not a family a weight
                record.string = FAMILY
        merged.save(target / f"{weight}.ttf")
        for part in parts:
            part.unlink()
    return target
