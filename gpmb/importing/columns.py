"""Which column of a survey file says what: by synonyms without diacritics, or as told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gpmb.importing.findings import Question, WrongUsage


class ParcelField(StrEnum):
    """What a parcel layer may say about a parcel."""

    SHEET = "sheet"
    NUMBER = "number"
    SHEET_NUMBER = "sheet_number"
    """Both in one column: "5/85", "tờ 5 thửa 85"."""
    AREA = "area"
    RECOVERED_AREA = "recovered_area"
    LAND_CLASS = "land_class"
    HOLDER = "holder"
    ADDRESS = "address"
    NOTE = "note"
    UNIT = "unit"
    """The code of the ward a parcel lies in: checked, one file is of one ward."""
    SKIP = "skip"


F = ParcelField
LABELS = {
    F.SHEET: "số tờ bản đồ",
    F.NUMBER: "số thửa",
    F.SHEET_NUMBER: "số tờ và số thửa",
    F.AREA: "diện tích thửa",
    F.RECOVERED_AREA: "diện tích thu hồi",
    F.LAND_CLASS: "loại đất",
    F.HOLDER: "chủ sử dụng",
    F.ADDRESS: "địa chỉ",
    F.NOTE: "ghi chú",
    F.UNIT: "mã xã, phường",
    F.SKIP: "bỏ qua",
}
SYNONYMS: Mapping[ParcelField, tuple[str, ...]] = {
    F.SHEET: (
        "to", "soto", "tobando", "sotobando", "sotobd", "tobd", "tbd", "sohieutobando", "shbando",
        "sohieuto", "sheet", "mapsheet",
    ),
    F.NUMBER: (
        "thua", "sothua", "sothuadat", "thuadat", "sohieuthua", "shthua", "sothutuathua", "stthua",
        "sothututhua", "number", "parcel", "parcelno",
    ),
    F.SHEET_NUMBER: ("tothua", "sotosothua", "sotothua", "sheetnumber"),
    F.AREA: (
        "dientich", "dt", "dtich", "dientichm2", "dtm2", "dientichthua", "dtthua", "dientichdat",
        "dientichphaply", "dtpl", "area", "aream2",
    ),
    F.RECOVERED_AREA: (
        "dientichthuhoi", "dtthuhoi", "dtth", "dientichthuhoim2", "dtthuhoim2", "thuhoi",
        "recoveredarea",
    ),
    F.LAND_CLASS: (
        "loaidat", "mdsd", "mdsdd", "mucdich", "mucdichsudung", "mucdichsudungdat", "maloaidat",
        "kyhieuloaidat", "kyhieu", "landclass", "landuse",
    ),
    F.HOLDER: (
        "chusd", "chusudung", "chusudungdat", "chuho", "tenchu", "tenchuho", "tenchusd", "hoten",
        "nguoisudung", "nguoisudungdat", "holder", "owner",
    ),
    F.ADDRESS: ("diachi", "diachithua", "diachithuadat", "xudong", "address"),
    F.NOTE: ("ghichu", "note"),
    F.UNIT: ("maxa", "maxaphuong", "unit"),
    F.SKIP: ("skip", "boqua"),
}  # fmt: skip
_BY_SYNONYM = {word: field for field, words in SYNONYMS.items() for word in words}


@lru_cache(maxsize=4096)
def fold(header: str) -> str:
    """A header without diacritics, case, spaces and signs.

    >>> fold("Số tờ (BĐ)")
    'sotobd'
    """
    plain = unicodedata.normalize("NFD", header.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", plain)


def parse_answers(answers: Iterable[str]) -> dict[str, ParcelField]:
    """Read ``column=field`` answers; a field may be named in English or by any synonym."""
    told: dict[str, ParcelField] = {}
    for answer in answers:
        column, equals, name = answer.partition("=")
        known = _BY_SYNONYM.get(fold(name))
        if not equals or not column or known is None:
            fields = ", ".join(f"{field} ({LABELS[field]})" for field in ParcelField)
            raise WrongUsage(
                f"--map {answer!r} không hiểu được. Ghi cột=trường, trường là: {fields}."
            )
        told[column] = known
    return told


@dataclass(frozen=True)
class ParcelColumns:
    """The column of each field, and the columns that no field claimed."""

    of: Mapping[ParcelField, str]
    ignored: tuple[str, ...]
    sheet: str = ""
    """The sheet of numbers that come without one."""

    def get(self, field: ParcelField) -> str | None:
        return self.of.get(field)

    @property
    def has_numbers(self) -> bool:
        has_sheet = F.SHEET in self.of or bool(self.sheet)
        return F.SHEET_NUMBER in self.of or (has_sheet and F.NUMBER in self.of)

    @property
    def lacks_sheet(self) -> bool:
        """Whether numbers are there and nothing says on which sheet."""
        return F.NUMBER in self.of and F.SHEET not in self.of and not self.sheet


def map_columns(
    columns: Iterable[str], told: Mapping[str, ParcelField], sheet: str = ""
) -> ParcelColumns:
    """Give each field its column; two columns for one field is a `Question`.

    `sheet` is the map sheet of numbers that come without one.
    """
    names = list(columns)
    unknown = [column for column in told if column not in names]
    if unknown:
        raise WrongUsage(
            f"--map nêu cột {', '.join(unknown)}; tệp chỉ có: {', '.join(names) or '(không)'}."
        )
    found: dict[ParcelField, list[str]] = {}
    ignored = []
    answered = set(told.values())
    for name in names:
        field = told.get(name) or _BY_SYNONYM.get(fold(name))
        if field is None or field is F.SKIP or (name not in told and field in answered):
            ignored.append(name)
        else:
            found.setdefault(field, []).append(name)
    for field, candidates in found.items():
        if len(candidates) > 1:
            raise Question(
                "ambiguous_column",
                f"Nhiều cột cùng có thể là {LABELS[field]}: {', '.join(candidates)}.",
                f"--map CỘT={field}",
                [f"{name}={field}" for name in candidates],
            )
    of = {field: cols[0] for field, cols in found.items()}
    return ParcelColumns(of, tuple(ignored), sheet.strip())


_SHEET_NUMBER = re.compile(
    r"(?:t[oờ]?\.?\s*)?(?P<sheet>\w+)\s*(?:/|-|,?\s*th[uử]?[aả]?\.?)\s*(?P<number>\w+)",
    re.IGNORECASE,
)


def split_sheet_number(text: str) -> tuple[str, str] | None:
    """Sheet and parcel of "5/85", "T5-85", "tờ 5 thửa 85"; None for anything else.

    >>> split_sheet_number("tờ 05 thửa 263A")
    ('05', '263A')
    """
    match = _SHEET_NUMBER.fullmatch(unicodedata.normalize("NFC", text.strip()))
    return (match["sheet"], match["number"]) if match else None
