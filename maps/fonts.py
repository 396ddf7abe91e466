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
def folder(vendor: Path = VENDOR) -> Path | None:
    """Return a folder with one TTF a weight; None without browser files.

    Kept beside the browser's files, so that only the first process makes them; in a temporary
    folder of the process where that place can't be written.
    """
    source = vendor / "be-vietnam-pro/files"
    if not source.exists():
        return None
    target = vendor / "be-vietnam-pro/ttf"
    if all((target / f"{weight}.ttf").exists() for weight in WEIGHTS):
        return target
    try:
        target.mkdir(exist_ok=True)
        _make(source, target)
    except OSError:
        target = Path(_kept().name)
        _make(source, target)
    return target


@functools.cache
def _kept() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="gpmb-fonts-")


def _make(source: Path, target: Path) -> None:
    for weight in WEIGHTS:
        with tempfile.TemporaryDirectory(dir=target) as scratch:
            parts = []
            for subset in SUBSETS:
                face = TTFont(source / f"be-vietnam-pro-{subset}-{weight}-normal.woff2")
                face.flavor = None
                part = Path(scratch) / f"{subset}.ttf"
                face.save(part)
                parts.append(str(part))
            merged = Merger(options=Options(drop_tables=_LEFT_OUT)).merge(parts)
            for record in merged["name"].names:
                if record.nameID == 1:  # weights of one family, not a family a weight
                    record.string = FAMILY
            whole = Path(scratch) / "whole.ttf"
            merged.save(whole)
            # At once: two processes may be at it together.
            whole.replace(target / f"{weight}.ttf")
