"""What the columns of an office's list may say, and how their headings name it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gpmb.importing.cells import READINGS, Cell, Reading, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import WrongUsage


class ListField(StrEnum):
    """What a column of a land-recovery list may say."""

    ORDER = "order"
    CODE = "code"
    HOLDER = "holder"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    SHEET = "sheet"
    NUMBER = "number"
    SHEET_NUMBER = "sheet_number"
    PARCEL_AREA = "area"
    LAND_CLASS = "land_class"
    RECOVERED_AREA = "recovered_area"
    LAND_VND = "land_vnd"
    ASSETS_VND = "assets_vnd"
    SUPPORT_VND = "support_vnd"
    TOTAL_VND = "total_vnd"
    STEP = "step"
    STEP_DATE = "step_date"
    RESETTLEMENT = "resettlement"
    NOTE = "note"
    SKIP = "skip"


L = ListField
LABELS: Mapping[ListField, str] = {
    L.ORDER: "số thứ tự",
    L.CODE: "mã hồ sơ",
    L.HOLDER: "chủ sử dụng đất",
    L.ID_NUMBER: "số CCCD",
    L.ADDRESS: "địa chỉ",
    L.SHEET: "tờ bản đồ",
    L.NUMBER: "số thửa",
    L.SHEET_NUMBER: "tờ và thửa",
    L.PARCEL_AREA: "diện tích thửa",
    L.LAND_CLASS: "loại đất",
    L.RECOVERED_AREA: "diện tích thu hồi",
    L.LAND_VND: "bồi thường về đất",
    L.ASSETS_VND: "bồi thường tài sản",
    L.SUPPORT_VND: "hỗ trợ",
    L.TOTAL_VND: "tổng cộng",
    L.STEP: "bước đã xong",
    L.STEP_DATE: "ngày của bước",
    L.RESETTLEMENT: "tái định cư",
    L.NOTE: "ghi chú",
    L.SKIP: "bỏ qua",
}
# Words of a header without diacritics, spaces and units: the last tier, or all tiers joined.
SYNONYMS: Mapping[ListField, tuple[str, ...]] = {
    L.ORDER: ("stt", "tt", "sott", "sothutu"),
    L.CODE: ("maho", "mahoso", "mahs", "sohoso", "mahogiadinh"),
    L.HOLDER: (
        "hovaten", "hoten", "hovatenchusudungdat", "tenchuho", "hotenchuho", "chusudungdat",
        "tenchusudungdat", "hogiadinhcanhan", "nguoisudungdat", "chuho", "hovatenchuho",
        "tenhogiadinhcanhan", "hotenchusudung", "hotenchusudungdat", "hovatenchusudung",
        "tenchusudung", "chusudung", "hotenchu", "tenho", "hovatenchuhogiadinh", "hotenhogiadinh",
    ),
    L.ID_NUMBER: ("cccd", "socccd", "cmnd", "socmnd", "cmndcccd", "sodinhdanh", "cccdcmnd"),
    L.ADDRESS: ("diachi", "diachithuongtru", "noio", "choohiennay", "diachichusudungdat"),
    L.SHEET: ("tobd", "tobando", "sotobando", "soto", "to", "tobddc", "sototrichdo"),
    L.NUMBER: ("sothua", "thua", "thuadatso", "sothuadat", "thuaso"),
    L.SHEET_NUMBER: ("tothua", "sotosothua", "tobandosothua", "sotothua", "tovathua"),
    L.PARCEL_AREA: (
        "dientich", "dientichthua", "dientichthuadat", "dtthua", "thuadatdientich",
        "tongdientichthua", "dientichtheogcn", "dientichhientrang",
    ),
    L.LAND_CLASS: ("loaidat", "mucdichsudung", "mdsd", "kyhieuloaidat", "thuadatloaidat"),
    L.RECOVERED_AREA: (
        "dientichthuhoi", "dtthuhoi", "dientichbithuhoi", "thuhoi", "dientichdatthuhoi",
        "tongdientichthuhoi",
    ),
    L.LAND_VND: ("vedat", "boithuongvedat", "boithuongdat", "btvedat", "giatridat"),
    L.ASSETS_VND: (
        "taisancaycoi", "taisan", "vetaisan", "boithuongtaisan", "caycoitaisan", "vatkientruc",
        "taisanvatkientruc", "taisancaycoihoamau",
    ),
    L.SUPPORT_VND: ("hotro", "cackhoanhotro", "vehotro", "chinhsachhotro"),
    L.TOTAL_VND: (
        "tongcong", "tongtien", "tongkinhphi", "tongso", "tonggiatri", "tongcongtien", "tong",
    ),
    L.STEP: (
        "buocdaxong", "buoc", "buocthuchien", "tiendo", "buochientai", "tiendothuchien",
        "trangthai", "dathuchienden",
    ),
    L.STEP_DATE: (
        "ngay", "ngaythuchien", "ngayxong", "ngayhoanthanh", "tiendongay", "ngaycuabuoc",
    ),
    L.RESETTLEMENT: ("taidinhcu", "tdc", "nhucautaidinhcu", "botritaidinhcu"),
    L.NOTE: ("ghichu", "ghichuvuongmac", "vuongmac", "lydo", "khokhanvuongmac"),
    L.SKIP: ("skip", "boqua"),
}  # fmt: skip
_BY_SYNONYM = {word: name for name, words in SYNONYMS.items() for word in words}
_UNITS = re.compile(r"\((?:m2|m²|ha|đồng|đ|vnđ|vnd|triệu đồng|lô|hộ)\)", re.IGNORECASE)

_BRACKETS = re.compile(r"\([^)]*\)")
_DAYS = ("dmy", "mdy")


@dataclass(frozen=True)
class Column:
    """A column as printed: `title` joins the tiers of its header."""

    index: int
    title: str
    field: ListField | None
    reading: Reading = ""
    could_be: ListField | None = None
    """The field it would be, had not a column before it taken that."""


@dataclass(frozen=True)
class Told:
    """One answer of `--map`: the field of a column and how its numbers or dates read."""

    field: ListField
    reading: Reading = ""


def parse_answers(answers: Sequence[str]) -> dict[str, Told]:
    """Read ``CỘT=field[:reading]`` answers, keyed by the folded title."""
    told: dict[str, Told] = {}
    for answer in answers:
        title, equals, rest = answer.rpartition("=")
        name, _, reading = rest.partition(":")
        known = _BY_SYNONYM.get(fold(name)) or next(
            (f for f in L if f.value == name.strip()), None
        )
        misread = reading and (reading in _DAYS) is not (known is L.STEP_DATE)
        if not equals or not title or known is None or misread or reading not in ("", *READINGS):
            raise WrongUsage(
                f"--map {answer!r} không hiểu được. Ghi CỘT=trường hoặc CỘT=trường:cách đọc; "
                f"trường là {', '.join(f'{f} ({LABELS[f]})' for f in L)}; "
                "cách đọc của số là thousands, decimal; của ngày là dmy, mdy."
            )
        if known is not L.SKIP and known in [answer.field for answer in told.values()]:
            raise WrongUsage(f"--map gán {LABELS[known]} cho hai cột. Chọn một cột, bỏ cột kia.")
        told[fold(title)] = Told(known, reading)  # type: ignore[arg-type]  # checked above
    return told


def check_answers(columns: Sequence[Column], told: Mapping[str, Told]) -> None:
    """Refuse answers about columns that the list doesn't have."""
    titles = [column.title for column in columns if column.title]
    known = {fold(title) for title in titles} | {fold(t.split(" / ")[-1]) for t in titles}
    if unknown := sorted(told.keys() - known):
        raise WrongUsage(
            f"--map nêu cột không có trong danh sách ({', '.join(unknown)}); danh sách có: "
            f"{', '.join(titles)}."
        )


def columns_of(tiers: list[list[Cell]], told: Mapping[str, Told]) -> tuple[Column, ...]:
    """The columns under a header of some tiers; each field once, what was told before guesses."""
    width = max((len(row) for row in tiers), default=0)
    columns = []
    taken: set[ListField] = set()
    named: dict[str, int] = {}
    answered = {answer.field for answer in told.values()}
    for index in range(width):
        words: list[str] = []
        for row in tiers:
            word = text(row[index]) if index < len(row) else ""
            if word and word not in words:
                words.append(word)
        title = " / ".join(words)
        named[title] = named.get(title, 0) + 1
        if title and named[title] > 1:
            title = f"{title} ({named[title]})"
        answer = told.get(fold(title)) or (told.get(fold(words[-1])) if words else None)
        name = answer.field if answer else _guess(words)
        could_be = name if name in taken and not (answer or name in answered) else None
        if name in taken or name is L.SKIP or (not answer and name in answered):
            name = None
        if name is not None:
            taken.add(name)
        columns.append(Column(index, title, name, answer.reading if answer else "", could_be))
    return tuple(columns)


# What the last tier of a heading leaves open, its upper tiers may say.
_BY_UPPER = (
    ("thuhoi", L.PARCEL_AREA, L.RECOVERED_AREA),
    ("boithuong", L.LAND_CLASS, L.LAND_VND),
)
_LAND_ALONE = {"dat": L.LAND_CLASS}


def _guess(words: list[str]) -> ListField | None:
    """The field a heading names: all tiers joined, its last tier, or that without brackets."""
    bare = [fold(_UNITS.sub("", word)) for word in words]
    if not bare:
        return None
    short = fold(_BRACKETS.sub("", words[-1]))
    for candidate in ("".join(bare), bare[-1], short):
        name = _BY_SYNONYM.get(candidate) or (_LAND_ALONE.get(candidate) if bare[1:] else None)
        if name is None:
            continue
        upper = "".join(bare[:-1])
        for word, read, meant in _BY_UPPER:
            if name is read and word in upper:
                return meant
        return None if candidate in _LAND_ALONE else name
    return None
