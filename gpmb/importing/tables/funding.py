"""Money of projects from a table: a row is a line of the ledger, by which paper.

Needed, allocated and moved add up, so a paper says one amount of a kind for a project: the same
paper with another amount corrects its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from gpmb.accounts.models import User
from gpmb.cleaning import clean
from gpmb.clearance.models import Funding, Project
from gpmb.compensation import funds
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import MONEY
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, plain, print_of
from gpmb.land.models import Document

FIELDS: Mapping[str, Field] = {
    "project": Field("mã dự án", ("maduan", "mada", "ma", "duan", "tenduan")),
    "kind": Field("loại", ("loai", "loaikinhphi", "khoan")),
    "on": Field("ngày", ("ngay", "ngayvanban", "ngayky", "ngaythang"), cells.day),
    "amount_trieu": Field(
        "số tiền (triệu đồng)", ("sotientrieudong", "trieudong", "kinhphitrieudong"), cells.number
    ),
    "amount_vnd": Field("số tiền (đồng)", ("sotiendong", "kinhphidong", "dong"), cells.money),
    "paper": Field(
        "số văn bản", ("sovanban", "vanban", "soquyetdinh", "quyetdinh", "sokyhieu", "sohieu")
    ),
}
MILLION = 1_000_000
MOST_VND = 10**15


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Add the line, or correct the amount of the line of this project, kind, paper and day."""
    not_after(given, "on", where.today)
    project = _project(given, where)
    kind = choice_of(given["kind"], Funding.Kind.choices, "kind", "loại")
    amount, number = _amount(given), given["paper"][:60]
    same = list(
        Funding.objects.select_for_update(of=("self",)).filter(
            project=project, kind=kind, on=given["on"], document__number=number
        )
    )
    if any(line.amount_vnd == amount for line in same):
        return None
    label = f"{project.code} · {Funding.Kind(kind).label} {given['on']:%d/%m/%Y}"
    if not same:
        paper = Document.objects.numbered(number, given["on"], Document.Kind.DECISION)
        line = Funding.record(project, kind, on=given["on"], amount_vnd=amount, document=paper)
        fields = [("Số tiền (đồng)", "", in_words(amount)), ("Số văn bản", "", number)]
        return Outcome(line.pk, label, None, fields, _print(line), project)
    if len(same) > 1:
        raise RowError(
            "paper", f"Văn bản này đã có {len(same)} dòng của dự án: nhờ quản trị viên sửa dòng."
        )
    line = same[0]
    old, line.amount_vnd = line.amount_vnd, amount
    clean(line, known=("project", "document"))
    line.save()
    fields = [("Số tiền (đồng)", in_words(old), in_words(amount))]
    return Outcome(line.pk, label, {"amount_vnd": plain(old)}, fields, _print(line), project)


def _project(given: Mapping[str, Any], where: Where) -> Project:
    """The project a row names; on the page of one project that one, and no other."""
    here, text = where.home, given.get("project")
    if text is None:
        if not isinstance(here, Project):
            raise RowError("project", "Thiếu mã dự án.")
        return here
    found = where.known_project(text)
    if isinstance(here, Project) and found != here:
        raise RowError(
            "project", f"Đây là trang của dự án {here.code}: dán dòng này ở trang Kinh phí."
        )
    return found


def _amount(given: Mapping[str, Any]) -> Decimal:
    """Whole đồng, from the column in million đồng or in đồng."""
    said = [name for name in ("amount_trieu", "amount_vnd") if name in given]
    if not said:
        raise RowError(
            "amount_trieu", "Thiếu số tiền: ghi cột Số tiền (triệu đồng) hoặc Số tiền (đồng)."
        )
    amounts = {given[name] * (MILLION if name == "amount_trieu" else 1) for name in said}
    amount: Decimal = amounts.pop()
    if amounts:
        raise RowError("amount_vnd", "Hai cột số tiền không bằng nhau.")
    if amount <= 0 or amount != int(amount) or amount >= MOST_VND:
        raise RowError(said[0], "Số tiền phải lớn hơn 0, lẻ đến từng đồng.")
    return Decimal(int(amount))


def settle(projects: Collection[int], on: dt.date) -> None:
    """A project whose money runs short, or no longer does, is blocked or freed."""
    if projects:
        funds.settle_obstacles(on=on, projects=sorted(projects))


def _print(line: Funding) -> int:
    """What the line says now: tells an undo whether someone changed it since."""
    return print_of(
        line.project_id, line.kind, plain(line.on), plain(line.amount_vnd), line.document_id
    )


def put_back(row: ImportRow, by: User) -> str:
    """Delete a line recorded, give a corrected one its amount; what moved since stays."""
    line = Funding.objects.select_for_update().filter(pk=row.object_id).first()
    if line is None:
        return "không còn"
    if _print(line) != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action == ImportRow.Action.CREATED:
        line.delete()
    else:
        row.give_back(line)
    return ""


FUNDING = Table(
    kind=ImportRun.Kind.FUNDING,
    title="Kinh phí",
    hint="Cần cột Mã dự án, Loại (Nhu cầu, Đã bố trí, Chủ đầu tư đã chuyển), Ngày, Số văn bản và "
    "Số tiền (triệu đồng) hoặc Số tiền (đồng). Mỗi dòng một khoản cộng thêm; cùng dự án, "
    "loại, ngày, văn bản mà số tiền khác thì sửa khoản đã có.",
    model="clearance.Funding",
    fields=FIELDS,
    needed=("kind", "on", "paper"),
    either=("amount_trieu", "amount_vnd"),
    take_in=take_in,
    put_back=put_back,
    place=MONEY,
    settle=settle,
)
