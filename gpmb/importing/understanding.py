"""What the program reads from an upload, whatever its kind, and what is still to be answered.

Answers are kept with the upload as plain JSON: columns (title → field or field:reading), unit,
crs, encoding, layer, page (of a workbook), hidden, without_numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from geo import files
from geo.files import FileError
from gpmb.clearance.models import TARGET_LINE, PlanVersion, TargetLine
from gpmb.importing import targets
from gpmb.importing.asides import spans
from gpmb.importing.cells import area, day, number
from gpmb.importing.columns import LABELS as PARCEL_LABELS
from gpmb.importing.columns import ParcelField, map_columns, parse_answers
from gpmb.importing.examples import samples_of, two_readings
from gpmb.importing.findings import Question, Report, WrongUsage, on_screen
from gpmb.importing.lists import takings
from gpmb.importing.lists.columns import LABELS, Column, ListField
from gpmb.importing.lists.columns import parse_answers as parse_list_answers
from gpmb.importing.lists.sheet import find_list
from gpmb.importing.lists.sheet import require_columns as list_needs
from gpmb.importing.lists.understood import LEFT_OUT, ListSheet, said_of
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.survey.spatial import Answers, open_spatial, settle_unit
from gpmb.importing.tables import sheet as table_sheet
from gpmb.importing.tables.registry import TABLES
from gpmb.importing.tables.sheet import TableSheet
from gpmb.importing.target_sheet import LABELS as TARGET_LABELS
from gpmb.importing.target_sheet import MONTHS, TargetField, TargetSheet
from gpmb.importing.target_sheet import Column as TargetColumn

Kind = ImportRun.Kind
L = ListField
_AREAS = (L.PARCEL_AREA, L.RECOVERED_AREA)
_SETS = ("unit", "crs", "encoding", "layer", "sheet")


def understand(upload: Upload) -> dict[str, Any]:
    """Say what the program reads from the file, and the question that is still open, if any.

    Raises `NotAList`, `FileError` or `WrongUsage` where nothing can be read.
    """
    if upload.kind == Kind.PARCELS:
        found = _layer(upload)
    elif upload.kind == Kind.TARGETS:
        found = _targets(upload)
    elif upload.kind in TABLES:
        return _table(upload)
    else:
        found = _list(upload)
    if found["question"] is None and upload.project:
        try:
            settle_unit(upload.project, upload.answers.get("unit", ""))
        except Question as question:
            found["question"] = asked(question)
    return found


# Lists


def list_sheet_of(upload: Upload) -> ListSheet:
    """Read an upload of a list as it is understood now."""
    answers = upload.answers
    together = upload.kind == Kind.WORKBOOK and bool(answers.get("together"))
    told = parse_list_answers(told_of(answers))
    hidden = bool(answers.get("hidden"))
    page = answers.get("page", "")
    return find_list(upload.path, told, hidden=hidden, together=together, page=page)


def _list(upload: Upload) -> dict[str, Any]:
    sheet = list_sheet_of(upload)
    fields = takings.FIELDS if upload.kind == Kind.TAKINGS else tuple(L)
    question = None
    try:
        (takings.require_columns if upload.kind == Kind.TAKINGS else list_needs)(sheet)
    except Question as missing:
        question = asked(missing)
    columns = [_column(sheet, column) for column in sheet.columns if column.title]
    return {
        "sheet": sheet.name,
        "pages": [list(page) for page in sheet.pages],
        "header_rows": list(sheet.header_rows),
        "rows": len(sheet.rows),
        "columns": columns,
        "fields": [[str(field), LABELS[field]] for field in fields if field is not L.SKIP],
        "left_out": [
            [LEFT_OUT[kind], len(rows), spans(rows)]
            for kind, rows in sheet.left_out.items()
            if kind in LEFT_OUT
        ],
        "hidden": len(sheet.left_out.get("hidden", ())),
        "formulas": sheet.formulas,
        "households": [len(sheet.households), sum(map(len, sheet.households.values()))],
        "unnamed": len(sheet.unnamed) if upload.kind == Kind.WORKBOOK else 0,
        "notes": [on_screen(words) for _, words in said_of(sheet)],
        "question": question,
        "ambiguous": unanswered(columns),
    }


def _column(sheet: ListSheet, column: Column) -> dict[str, Any]:
    values = (row.cells[column.index] for row in sheet.rows if column.index < len(row.cells))
    return {
        "title": column.title,
        "field": str(column.field or ""),
        "reading": column.reading,
        "samples": samples_of(values),
        "ask": ambiguity(sheet, column),
    }


def ambiguity(sheet: ListSheet, column: Column) -> dict[str, Any] | None:
    """Ask once for a column whose cells read two ways: how often, one of them, the two ways."""
    if column.field not in (*_AREAS, L.STEP_DATE):
        return None
    cells = (row.cells[column.index] for row in sheet.rows if column.index < len(row.cells))
    return two_readings(cells, day if column.field is L.STEP_DATE else area)


def told_of(answers: dict[str, Any]) -> list[str]:
    return [f"{title}={field or 'skip'}" for title, field in answers.get("columns", {}).items()]


# Tables of one engine


def table_sheet_of(upload: Upload) -> TableSheet:
    """Read an upload of a table as it is understood now."""
    columns = upload.answers.get("columns", {})
    return table_sheet.read_table(
        upload.path,
        TABLES[upload.kind],
        columns,
        upload.answers.get("page", ""),
        hidden=bool(upload.answers.get("hidden")),
    )


def _table(upload: Upload) -> dict[str, Any]:
    table, sheet = TABLES[upload.kind], table_sheet_of(upload)
    question = None
    try:
        table_sheet.require_columns(sheet, table)
    except Question as missing:
        question = asked(missing)
    columns = []
    for column in sheet.columns:
        values = [row.cells[column.index] for row in sheet.rows if column.index < len(row.cells)]
        read = table.fields[column.field].read if column.field else None
        two_ways = read in (day, number, area)
        columns.append(
            {
                "title": column.title,
                "field": column.field,
                "reading": column.reading,
                "samples": samples_of(values),
                "ask": two_readings(values, read) if two_ways and read else None,
            }
        )
    columns = [column for column in columns if column["title"]]
    return {
        "sheet": sheet.name,
        "pages": [list(page) for page in sheet.pages],
        "header_rows": [sheet.header_row] if sheet.header_row else [],
        "rows": len(sheet.rows),
        "columns": columns,
        "fields": [[name, one.label] for name, one in table.fields.items()],
        "left_out": [],
        "hidden": len(sheet.hidden),
        "formulas": sheet.formulas,
        "notes": [on_screen(words) for _, words in sheet.said],
        "question": question,
        "ambiguous": unanswered(columns),
    }


# Targets of the plan


def version_of(upload: Upload) -> PlanVersion:
    version = PlanVersion.objects.filter(pk=upload.answers.get("version")).first()
    if version is None:
        raise WrongUsage("Phiên bản kế hoạch này không còn. Chọn phiên bản khác rồi nhập lại.")
    return version


def target_sheet_of(upload: Upload) -> TargetSheet:
    """Read an upload of targets as it is understood now."""
    told, page = upload.answers.get("columns", {}), upload.answers.get("page", "")
    hidden = bool(upload.answers.get("hidden"))
    version = version_of(upload)
    return targets.sheet_of(upload.path, version, upload.by, told, hidden=hidden, page=page)


def _targets(upload: Upload) -> dict[str, Any]:
    sheet = target_sheet_of(upload)
    line = TARGET_LINE.get(upload.answers.get("line", ""))
    question = None
    try:
        targets.require_columns(sheet, version_of(upload), line)
    except Question as missing:
        question = asked(missing)
    columns = [
        {
            "title": column.title,
            "field": str(column.field or ""),
            "reading": column.reading,
            "samples": samples_of(row.cells[column.index] for row in sheet.rows),
            "ask": _month_ambiguity(sheet, column),
        }
        for column in sheet.columns
        if column.title
    ]
    return {
        "sheet": sheet.name,
        "pages": [list(page) for page in sheet.pages],
        "header_rows": [sheet.header_row] if sheet.header_row else [],
        "rows": len(sheet.rows),
        "columns": columns,
        "fields": [[str(field), label] for field, label in TARGET_LABELS.items()],
        "left_out": [
            [LEFT_OUT[kind], len(rows), spans(rows)] for kind, rows in sheet.left_out.items()
        ],
        "hidden": len(sheet.left_out.get("hidden", ())),
        "formulas": sheet.formulas,
        "question": question,
        "ambiguous": unanswered(columns),
        "notes": _meant(sheet, line),
    }


def _meant(sheet: TargetSheet, line: TargetLine | None) -> list[str]:
    """What rows without a step or a unit are taken for."""
    if line is None or (sheet.of(TargetField.STEP) and sheet.of(TargetField.MEASURE)):
        return []
    return [f"Bước hoặc đơn vị không có cột thì hiểu như chỉ tiêu đang xem: {line.label}."]


def _month_ambiguity(sheet: TargetSheet, column: TargetColumn) -> dict[str, Any] | None:
    if column.field not in MONTHS:
        return None
    return two_readings((row.cells[column.index] for row in sheet.rows), area)


# Survey files


def spatial_answers(answers: dict[str, Any]) -> Answers:
    return Answers(
        crs=answers.get("crs", ""),
        unit=answers.get("unit", ""),
        encoding=answers.get("encoding", ""),
        columns=tuple(told_of(answers)),
        layer=answers.get("layer", ""),
        sheet=answers.get("sheet", ""),
        recover=bool(answers.get("recover")),
    )


def _layer(upload: Upload) -> dict[str, Any]:
    answers = spatial_answers(upload.answers)
    found: dict[str, Any] = {
        "sheet": "",
        "header_rows": [],
        "rows": 0,
        "columns": [],
        "fields": [
            [str(field), PARCEL_LABELS[field]]
            for field in ParcelField
            if field is not ParcelField.SKIP
        ],
        "left_out": [],
        "hidden": 0,
        "formulas": 0,
        "question": None,
        "ambiguous": 0,
        "notes": [],
    }
    report = Report()
    try:
        with files.open_layer(
            upload.path, answers.layer or None, recover=answers.recover
        ) as source:
            layer = source.layer
            found |= {"sheet": layer.name, "rows": layer.count, "format": layer.format}
            chunk = next((source if layer.encoding else source.with_encoding("utf-8")).chunks(50))
            told = parse_answers(answers.columns)
            found["columns"] = [
                {
                    "title": name,
                    "field": _field_of(name, told),
                    "reading": "",
                    "samples": samples_of(chunk.columns.get(name, ())),
                    "ask": None,
                }
                for name in layer.columns
            ]
        with open_spatial(upload.path, answers, report) as file:
            found["srid"] = file.srid
            columns = map_columns(file.source.layer.columns, told, answers.sheet)
            found["has_numbers"] = columns.has_numbers
    except StopIteration:
        raise FileError("no_features", "Lớp không có đối tượng nào.") from None
    except files.LayerChoice as choice:
        found["question"] = asked(Question("layer_choice", str(choice), "--layer", choice.layers))
    except Question as question:
        found["question"] = asked(question)
    found["notes"] = [on_screen(finding.message) for finding in report.findings]
    return found


def _field_of(name: str, told: dict[str, ParcelField]) -> str:
    field = told.get(name)
    if field is None:
        try:
            of = map_columns([name], {}).of
        except Question:
            return ""
        return str(next(iter(of), ""))
    return "" if field is ParcelField.SKIP else str(field)


# Questions


def unanswered(columns: Sequence[dict[str, Any]]) -> int:
    """How many columns have cells that read two ways, and nobody said which."""
    return sum(bool(column["ask"]) and not column["reading"] for column in columns)


def asked(question: Question) -> dict[str, Any]:
    """A question as the page puts it: what it sets, in which words, the likely answers."""
    option = question.option.split(" ")[0].removeprefix("--")
    sets = option if option in _SETS else "columns"
    words = re.sub(r"(?:Dùng|Chọn một lớp bằng) --[^.]*\.", "", question.words).strip()
    choices = [] if sets == "columns" else [_choice(sets, choice) for choice in question.choices]
    return {"sets": sets, "code": question.code, "message": words, "choices": choices}


def _choice(sets: str, choice: str) -> list[str]:
    """ "06742@2008-01-01 (phường Hải Hòa)" → value and words; so for EPSG codes."""
    if sets not in ("unit", "crs"):
        return [choice, choice]
    value, _, words = choice.partition(" ")
    return [value, words.strip("()") + f" · {value}" if words else value]
