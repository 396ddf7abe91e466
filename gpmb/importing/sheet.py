"""What an office's list says where: its header, columns, data rows, and what is left out.

A list is laid out for print: letterhead, a header of one to three merged rows, a row "(1) (2) …",
groups, subtotals, signatures. Nothing of that is data, and what is left out is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gpmb.importing.cells import READINGS, Cell, Reading, text
from gpmb.importing.columns import fold
from gpmb.importing.findings import Question, WrongUsage

HEADER_WITHIN = 40
HEADER_TIERS = 3
MAX_BYTES = 40_000_000


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
        "tenhogiadinhcanhan",
    ),
    L.ID_NUMBER: ("cccd", "socccd", "cmnd", "socmnd", "cmndcccd", "sodinhdanh", "cccdcmnd"),
    L.ADDRESS: ("diachi", "diachithuongtru", "noio", "choohiennay", "diachichusudungdat"),
    L.SHEET: ("tobd", "tobando", "sotobando", "soto", "to", "tobddc", "sototrichdo"),
    L.NUMBER: ("sothua", "thua", "thuadatso", "sothuadat", "thuaso"),
    L.SHEET_NUMBER: ("tothua", "sotosothua", "tobandosothua", "sotothua"),
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
    L.STEP_DATE: ("ngay", "ngaythuchien", "ngayxong", "ngayhoanthanh", "tiendongay"),
    L.RESETTLEMENT: ("taidinhcu", "tdc", "nhucautaidinhcu", "botritaidinhcu"),
    L.NOTE: ("ghichu", "ghichuvuongmac", "vuongmac", "lydo", "khokhanvuongmac"),
    L.SKIP: ("skip", "boqua"),
}  # fmt: skip
_BY_SYNONYM = {word: name for name, words in SYNONYMS.items() for word in words}
_UNITS = re.compile(r"\((?:m2|m²|ha|đồng|đ|vnđ|vnd|triệu đồng|lô|hộ)\)", re.IGNORECASE)
_INDEX = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?")
_TOTAL = re.compile(r"(tong|cong)(cong|so|hop)?(tatca|nhom|khu|thon|xom|to|trang)?[\divx]*")


@dataclass(frozen=True)
class Column:
    """A column as printed: `title` joins the tiers of its header."""

    index: int
    title: str
    field: ListField | None
    reading: Reading = ""


@dataclass(frozen=True)
class Row:
    """A data row; `number` is the sheet's own row number."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ListSheet:
    """A sheet understood: columns, data rows, and how many rows of which kind were left out."""

    name: str
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def of(self, wanted: ListField) -> Column | None:
        return next((column for column in self.columns if column.field is wanted), None)

    def value(self, row: Row, wanted: ListField) -> Cell:
        column = self.of(wanted)
        return row.cells[column.index] if column and column.index < len(row.cells) else None


class NotAList(Exception):
    """The file is no readable list: code and reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


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
        if not equals or not title or known is None or (reading and reading not in READINGS):
            raise WrongUsage(
                f"--map {answer!r} không hiểu được. Ghi CỘT=trường hoặc CỘT=trường:cách đọc; "
                f"trường là {', '.join(f'{f} ({LABELS[f]})' for f in L)}; "
                f"cách đọc là {', '.join(READINGS)}."
            )
        told[fold(title)] = Told(known, reading)  # type: ignore[arg-type]  # checked above
    return told


def read_list(path: Path, told: Mapping[str, Told] | None = None) -> ListSheet:
    """Open a workbook and return its first sheet that holds a list.

    Raises `NotAList` where there is none, `Question` where a needed column can't be told.
    """
    told = told or {}
    if path.stat().st_size > MAX_BYTES:
        raise NotAList(
            "too_large", f"Tệp lớn hơn {MAX_BYTES // 1_000_000} MB. Chia nhỏ danh sách."
        )
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise NotAList(
            "unreadable", "Tệp không phải là bảng tính Excel hoặc đã hỏng. Mở bằng Excel, lưu lại."
        ) from error
    found = [sheet for sheet in (_understand(sheet, told) for sheet in sheets) if sheet]
    if not found:
        raise NotAList(
            "no_header",
            "Không tìm thấy dòng tiêu đề có các cột tờ bản đồ, số thửa, chủ sử dụng, diện tích "
            f"thu hồi trong {HEADER_WITHIN} dòng đầu của trang tính nào.",
        )
    best = max(found, key=lambda sheet: len(sheet.rows))
    _require_columns(best)
    return best


def _require_columns(sheet: ListSheet) -> None:
    parcel = sheet.of(L.SHEET_NUMBER) or sheet.of(L.NUMBER) or sheet.of(L.SHEET)
    missing = [L.NUMBER] if parcel is None else []
    missing += [f for f in (L.HOLDER, L.RECOVERED_AREA) if sheet.of(f) is None]
    if missing:
        titles = [column.title for column in sheet.columns if column.field is None]
        raise Question(
            "column_missing",
            f"Không thấy cột {', '.join(LABELS[f] for f in missing)} trên trang “{sheet.name}”.",
            f"--map CỘT={missing[0]}",
            titles,
        )


def _understand(sheet: CalamineSheet, told: Mapping[str, Told]) -> ListSheet | None:
    grid = sheet.to_python(skip_empty_area=False)
    head = [list(row) for row in grid[:HEADER_WITHIN]]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for r in range(top, min(bottom + 1, len(head))):
            for c in range(left, min(right + 1, len(head[r]))):
                head[r][c] = grid[top][left]
    header = _find_header(head, told)
    if header is None:
        return None
    first, tiers = header
    columns = _columns(head[first : first + tiers], told)
    rows: list[Row] = []
    left_out: Counter[str] = Counter()
    repeated = 0
    draft = ListSheet(sheet.name, (), columns, ())
    for at in range(first + tiers, len(grid)):
        row = Row(at + 1, grid[at])
        kind = _kind(draft, row)
        if kind == "data" and _is_header_again(columns, row):
            repeated += 1
        elif kind == "data":
            rows.append(row)
        else:
            left_out[kind] += 1
    if repeated >= 2:
        raise NotAList(
            "block_layout",
            f"Trang “{sheet.name}” trình bày mỗi hộ một khối ({repeated + 1} khối): "
            "chưa đọc được. Lập danh sách mỗi hộ một dòng.",
        )
    header_rows = tuple(range(first + 1, first + tiers + 1))
    return ListSheet(sheet.name, header_rows, columns, tuple(rows), dict(left_out))


def _find_header(head: list[list[Cell]], told: Mapping[str, Told]) -> tuple[int, int] | None:
    """Return (first row, number of tiers) of the block that names the most fields."""
    best: tuple[int, int, int] | None = None
    for at in range(len(head)):
        if not any(text(cell) for cell in head[at]):
            continue
        for tiers in range(1, HEADER_TIERS + 1):
            columns = _columns(head[at : at + tiers], told)
            known = len({c.field for c in columns if c.field})
            if known >= 4 and (best is None or known > best[0]):
                best = (known, at, tiers)
    return (best[1], best[2]) if best else None


def _columns(tiers: list[list[Cell]], told: Mapping[str, Told]) -> tuple[Column, ...]:
    width = max((len(row) for row in tiers), default=0)
    columns = []
    taken: set[ListField] = set()
    answered = {answer.field for answer in told.values()}
    for index in range(width):
        words: list[str] = []
        for row in tiers:
            word = text(row[index]) if index < len(row) else ""
            if word and word not in words:
                words.append(word)
        title = " / ".join(words)
        answer = told.get(fold(title)) or (told.get(fold(words[-1])) if words else None)
        name = answer.field if answer else _guess(words)
        if name in taken or name is L.SKIP or (not answer and name in answered):
            name = None
        if name is not None:
            taken.add(name)
        columns.append(Column(index, title, name, answer.reading if answer else ""))
    return tuple(columns)


def _guess(words: list[str]) -> ListField | None:
    bare = [fold(_UNITS.sub("", word)) for word in words]
    if not bare:
        return None
    for candidate in (bare[-1], "".join(bare), bare[0] if len(bare) == 1 else ""):
        if candidate in _BY_SYNONYM:
            return _BY_SYNONYM[candidate]
    return None


def _kind(sheet: ListSheet, row: Row) -> str:
    """Tell data from what a printed list also holds."""
    filled = [text(cell) for cell in row.cells if text(cell)]
    if not filled:
        return "blank"
    indices = [_INDEX.fullmatch(cell) for cell in filled]
    if len(filled) >= 3 and all(indices):
        counted = [int(match[1]) for match in indices if match]
        if counted == list(range(counted[0], counted[0] + len(counted))):
            return "index"
    land = (L.SHEET, L.NUMBER, L.SHEET_NUMBER)
    has_parcel = any(text(sheet.value(row, name)) for name in land)
    if not has_parcel and any(_TOTAL.fullmatch(fold(cell)) for cell in filled[:2]):
        return "total"
    order = text(sheet.value(row, L.ORDER))
    if has_parcel or order.isdigit():
        return "data"
    return "group" if len(filled) <= 3 else "data"


def _is_header_again(columns: Sequence[Column], row: Row) -> bool:
    known = [column for column in columns if column.field]
    same = sum(
        bool(text(row.cells[c.index]))
        and fold(text(row.cells[c.index])) in (fold(c.title), fold(c.title.split(" / ")[-1]))
        for c in known
        if c.index < len(row.cells)
    )
    return same >= 4
