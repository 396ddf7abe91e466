"""Bulk writing by COPY: ids and public refs are given here, every other default is the model's."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import connection, models
from numpy.random import Generator
from numpy.typing import NDArray

from gpmb.land.models import Document

Rows = Iterable[Sequence[Any]]


class Writer:
    """Writes rows of models within the caller's transaction."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self._last: dict[str, int] = {}

    def ids(self, model: type[models.Model], count: int) -> list[int]:
        """Return `count` new primary keys; `close` moves the table's own counter behind them."""
        table = model._meta.db_table
        if table not in self._last:
            with connection.cursor() as cursor:
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT coalesce(max(id), 0) FROM {name}")  # noqa: S608 (own table)
                self._last[table] = cursor.fetchone()[0]
        first = self._last[table] + 1
        self._last[table] += count
        return list(range(first, first + count))

    def copy(self, model: type[models.Model], names: Sequence[str], rows: Rows) -> int:
        """COPY rows whose first value is the id; `names` are the column names of the others."""
        given = ["id", *names]
        rest = [
            field
            for field in model._meta.concrete_fields
            if not field.generated and field.column not in given and not field.has_db_default()
        ]
        with_ref = any(field.name == "ref" for field in rest)
        plain = [field for field in rest if field.name != "ref"]
        defaults = [_default(field) for field in plain]
        columns = [*given, *(["ref"] if with_ref else []), *(field.column for field in plain)]
        rows = list(rows)
        refs = self._refs(len(rows)) if with_ref else None
        quoted = ", ".join(connection.ops.quote_name(str(column)) for column in columns)
        sql = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({quoted}) FROM STDIN"
        with connection.cursor() as cursor, cursor.cursor.copy(sql) as out:
            for number, row in enumerate(rows):
                ref = [refs[number]] if refs is not None else []
                out.write_row([*row, *ref, *defaults])
        return len(rows)

    def link(self, model: type[models.Model], field: str, pairs: Rows) -> None:
        """COPY the pairs (id, other id) of a many-to-many field."""
        through = model._meta.get_field(field).remote_field.through  # type: ignore[union-attr]
        names = [f.column for f in through._meta.concrete_fields if f.column != "id"]
        pairs = list(pairs)
        ids = self.ids(through, len(pairs))
        self.copy(through, names, ([at, *pair] for at, pair in zip(ids, pairs, strict=True)))

    def close(self) -> None:
        """Set every used table's counter behind the ids that were given."""
        with connection.cursor() as cursor:
            for table, last in self._last.items():
                if last:
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last]
                    )

    def _refs(self, count: int) -> list[int]:
        """Return distinct random public ids of at most 53 bits."""
        refs: NDArray[np.int64] = self._rng.integers(1, 2**53, count)
        while len(np.unique(refs)) < count:
            refs = self._rng.integers(1, 2**53, count)
        found: list[int] = refs.tolist()
        return found


def _default(field: "models.Field[Any, Any]") -> Any:
    if getattr(field, "auto_now_add", False):
        from django.utils import timezone

        return timezone.now()
    return field.get_default()


def polygons(geometries: NDArray[np.object_]) -> list[str]:
    """Return (Multi)Polygons as EWKB in hexadecimal, MultiPolygon in the legal plane."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    multi = shapely.multipolygons(parts, indices=owner)
    return _ewkb(multi)


def lines(geometries: list[Any]) -> list[str | None]:
    """Return LineStrings as MultiLineString EWKB in hexadecimal; None stays None."""
    return [
        None if line is None else _ewkb(np.array([shapely.multilinestrings([line])]))[0]
        for line in geometries
    ]


def points(coordinates: NDArray[np.float64]) -> list[str]:
    """Return points as EWKB in hexadecimal."""
    return _ewkb(shapely.points(coordinates))


def _ewkb(geometries: NDArray[np.object_]) -> list[str]:
    stamped = shapely.set_srid(geometries, settings.SRID)
    written: list[str] = shapely.to_wkb(stamped, hex=True, include_srid=True).tolist()
    return written


class Papers:
    """Documents, made when first asked for: one a project, act and day, numbered by year."""

    # act → (kind, mark behind the number, title, key of the issuing organisation)
    FORMS = {
        "notice": ("notice", "TB-UBND", "Thông báo thu hồi đất", "city"),
        "persuasion_inventory": ("minutes", "BB-VĐ", "Biên bản vận động, thuyết phục", "centre"),
        "compulsory_inventory": ("decision", "QĐ-UBND", "Quyết định kiểm đếm bắt buộc", "city"),
        "inventory": ("minutes", "BB-KĐ", "Biên bản kiểm đếm", "centre"),
        "posting": ("minutes", "BB-NY", "Biên bản niêm yết phương án", "centre"),
        "consultation": ("minutes", "BB-LYK", "Biên bản lấy ý kiến", "centre"),
        "dialogue": ("minutes", "BB-ĐT", "Biên bản đối thoại", "centre"),
        "appraisal": ("submission", "TTr-TNMT", "Tờ trình thẩm định phương án", "resources"),
        "approval": ("decision", "QĐ-UBND", "Quyết định phê duyệt phương án", "city"),
        "prices": ("decision", "QĐ-ĐG", "Bảng đơn giá minh họa (không phải giá của tỉnh)", "city"),
        "payment": ("receipt", "BK-TTPTQĐ", "Bảng kê chi trả", "centre"),
        "deposit": ("receipt", "UNC-TTPTQĐ", "Ủy nhiệm chi gửi tiền", "centre"),
        "resettlement": ("decision", "QĐ-TĐC", "Quyết định bố trí tái định cư", "city"),
        "draw": ("minutes", "BB-BT", "Biên bản bốc thăm lô tái định cư", "centre"),
        "recovery": ("decision", "QĐ-UBND", "Quyết định thu hồi đất", "city"),
        "persuasion_handover": ("minutes", "BB-VĐ", "Biên bản vận động bàn giao", "centre"),
        "enforcement": ("decision", "QĐ-CC", "Quyết định cưỡng chế thu hồi đất", "city"),
        "handover": ("minutes", "BB-BGĐ", "Biên bản bàn giao đất", "centre"),
        "site_handover": ("minutes", "BB-BGMB", "Biên bản bàn giao mặt bằng", "centre"),
        "plan": ("plan", "KH-UBND", "Kế hoạch giải phóng mặt bằng", "city"),
        "review": ("letter", "TB-VP", "Thông báo kết luận giao ban", "city"),
        "readiness": ("decision", "QĐ-UBND", "Văn bản về thủ tục của dự án", "city"),
        "category": ("decision", "QĐ-UBND", "Quyết định phân nhóm ưu tiên", "city"),
        "answer": ("decision", "QĐ-GQKN", "Quyết định giải quyết đơn", "city"),
    }

    def __init__(self, writer: Writer, organisations: dict[str, int]) -> None:
        self._writer = writer
        self._organisations = organisations
        self._known: dict[tuple[str, int, int], int] = {}
        self._count: dict[tuple[str, int], int] = {}
        self._rows: list[list[Any]] = []

    def of(self, act: str, project: int, day: int) -> int:
        """Return the id of a project's document of an act and day (-1: the whole city)."""
        key = (act, project, day)
        if key not in self._known:
            kind, mark, title, issuer = self.FORMS[act]
            on = date.fromordinal(day)
            number = self._count[mark, on.year] = self._count.get((mark, on.year), 0) + 1
            (row_id,) = self._writer.ids(Document, 1)
            self._known[key] = row_id
            owner = self._organisations[issuer]
            self._rows.append([row_id, kind, f"{number}/{mark}", title, owner, on, on])
        return self._known[key]

    def write(self) -> None:
        """COPY the documents asked for since the last time."""
        names = ["kind", "number", "title", "issued_by_id", "signed_on", "effective_on"]
        self._writer.copy(Document, names, self._rows)
        self._rows = []
