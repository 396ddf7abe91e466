"""How offices write parcels in a cell: "85", "5/85", "17+175", "tờ 5 thửa 85", "5/85 (120,5)"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from gpmb.importing import cells
from gpmb.importing.cells import Cell, CellError, text
from gpmb.importing.columns import split_sheet_number
from gpmb.land.models import parcel_key

_SEVERAL = re.compile(r"\s*(?:[+;&,\n]|\bvà\b)\s*(?![^(]*\))")
_SHEET_WORD = re.compile(r"^(?:tờ(?: bản đồ)?(?: số)?|tbđ)\s*(?=\w+$)", re.IGNORECASE)
_PARCEL_WORD = re.compile(r"^thửa(?: đất)?(?: số)?\s*(?=\w+$)", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"tờ(?: bản đồ)?(?: số)?\s*(?P<sheet>\w+)\s*[,;:\-–]?\s*"
    r"thửa(?: đất)?(?: số)?\s*(?P<number>\w+)"
    r"|thửa(?: đất)?(?: số)?\s*(?P<number_first>\w+)\s*[,;:\-–]?\s*"
    r"(?:thuộc\s+)?tờ(?: bản đồ)?(?: số)?\s*(?P<sheet_last>\w+)",
    re.IGNORECASE,
)
_WITH_AREA = re.compile(r"(?P<parcel>[^()]+?)\s*\((?P<area>[^()]+)\)")


class Written(NamedTuple):
    """One parcel as a cell names it; the area that stands behind it, where one does."""

    key: str
    area_m2: Decimal | None


def parcels_in(number: Cell, both: Cell, sheet: Cell) -> list[Written]:
    """Read the parcels of a row from its cells of number, of sheet and number, and of sheet.

    Raises `CellError` where a parcel has no sheet, or its two cells name different ones.
    """
    for cell in (sheet, number, both):
        if cells.is_day(cell):
            raise CellError(
                "number_became_date",
                f"Excel đã đổi số tờ/thửa thành ngày {cell:%d/%m/%Y}. "
                "Định dạng cột là Văn bản rồi nhập lại.",
            )
    alone, of_sheet = text(number), text(sheet)
    if alone.isdecimal() and of_sheet.isdecimal():  # nearly every row
        return [Written(parcel_key(of_sheet, alone), None)]
    said = next((cell for cell in (number, both, sheet) if text(cell)), None)
    written = text(said)
    if not written:
        raise CellError("no_parcel", "Thiếu số tờ, số thửa. Nhập tờ bản đồ và số thửa.")
    parts = _parts(said)
    column = _parts(sheet) if text(number) else []
    sheets = [_SHEET_WORD.sub("", part) for part in column]
    if 1 < len(sheets) == len(parts):  # "5; 6" beside "85; 12": one for each
        given = list(sheets)
    else:
        given = [sheets[0] if len(sheets) == 1 else ""] * len(parts)
    found: list[Written] = []
    before = ""
    for part, beside in zip(parts, given, strict=True):
        area = None
        if match := _WITH_AREA.fullmatch(part):
            part, area = match["parcel"], cells.area(match["area"]) or Decimal(0)
        pair = _pair(part)
        if pair and beside and _bare(pair[0]) != _bare(beside):
            raise CellError(
                "sheet_differs",
                f"Cột tờ ghi {beside} mà “{part}” là tờ {pair[0]} thửa {pair[1]}. Sửa cho khớp; "
                "nhiều thửa thì ghi 85+86.",
            )
        at = pair or (beside or before, _PARCEL_WORD.sub("", part))
        if not at[0]:
            raise CellError(
                "no_sheet", f"“{written}” chưa rõ tờ bản đồ. Nhập dạng tờ/thửa, ví dụ 5/85."
            )
        found.append(Written(parcel_key(*at), area))
        before = at[0]
    if any(one.area_m2 is None for one in found) and any(one.area_m2 is not None for one in found):
        raise CellError(
            "area_of_each_missing",
            f"“{written}”: có thửa ghi diện tích, có thửa không. Ghi đủ cho từng thửa.",
        )
    return found


def _parts(cell: Cell) -> list[str]:
    """The parcels of a cell, each its own text; sheet and parcel in words stay together."""
    lines = cell.split("\n") if isinstance(cell, str) else [cell]
    whole = "\n".join(words for line in lines if (words := text(line)))
    protected = _IN_WORDS.sub(_slashed, whole)
    return [part for part in _SEVERAL.split(protected) if part]


def _slashed(match: re.Match[str]) -> str:
    sheet = match["sheet"] or match["sheet_last"]
    return f"{sheet}/{match['number'] or match['number_first']}"


def _pair(part: str) -> tuple[str, str] | None:
    return None if part.isalnum() else split_sheet_number(part)


def _bare(sheet: str) -> str:
    return sheet.lstrip("0").casefold()
