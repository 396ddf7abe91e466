"""Deliveries of notices and decisions from a table: a row is a paper in the hands of one case.

Without a name the paper reached everyone who holds in the case. A delivery that was recorded
otherwise is taken back and recorded anew, as on its page; nothing of the log is lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from gpmb.accounts.models import User
from gpmb.clearance import service
from gpmb.clearance.models import Case, CaseEvent, Law
from gpmb.importing import cells
from gpmb.importing.columns import fold
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, in_words, not_after, print_of
from gpmb.land.models import Document, Party, Service
from gpmb.law.steps import MoveRefused

FIELDS: Mapping[str, Field] = {
    "number": Field(
        "số văn bản",
        ("sovanban", "vanban", "sokyhieu", "so", "sothongbao", "soquyetdinh", "sotbqd"),
    ),
    "signed_on": Field("ngày ký", ("ngayky", "ngayvanban", "ngaybanhanh"), cells.day),
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "maho", "hoso")),
    "person": Field("người nhận", ("nguoinhan", "giaocho", "hoten", "hovaten", "chuho", "ten")),
    "on": Field("ngày giao", ("ngaygiao", "giaongay", "ngaynhan", "ngay"), cells.day),
    "manner": Field("cách giao", ("cachgiao", "hinhthuc", "hinhthucgiao")),
    "evidence": Field("minh chứng", ("minhchung", "bienban", "sobienban", "vandon")),
}
MANNERS = [
    *Service.Manner.choices,
    (Service.Manner.REFUSED, "từ chối nhận"),
    (Service.Manner.ABSENT, "vắng mặt"),
    (Service.Manner.MAILED, "bưu điện"),
]
CORRECTED = "Ghi lại theo bảng nhập từ Excel"
TAKEN_BACK = "Hoàn tác lần nhập"


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Record the delivery to the case's holders, or correct the one recorded otherwise."""
    not_after(given, "on", where.today)
    case = where.case(given["case"])
    paper = _paper(case, given)
    holders = _holders(case, given)
    manner = Service.Manner(choice_of(given["manner"], MANNERS, "manner", "cách giao"))
    had = {row.party_id: row for row in paper.services.living().filter(party__in=holders)}
    said = {
        party: (given["on"], manner.value, given.get("evidence", _evidence(had.get(party.pk))))
        for party in holders
    }
    if len(given.get("evidence", "")) > 200:
        raise RowError("evidence", "Minh chứng dài quá 200 ký tự: ghi số biên bản, vận đơn.")
    if manner in service.NEEDS_EVIDENCE and not all(row[-1] for row in said.values()):
        raise RowError("evidence", "Từ chối nhận hoặc vắng mặt phải ghi số biên bản.")
    said = {
        party: row
        for party, row in said.items()
        if party.pk not in had or _facts(had[party.pk]) != row
    }
    if not said:
        return None
    wrong = [had[party.pk] for party in said if party.pk in had]
    if any(row.pk in where.written for row in wrong):
        raise RowError("on", "Dòng khác trong khối đã ghi giao văn bản này cho người đó.")
    for row in wrong:
        service.void(row, reason=CORRECTED, served_again=True)
    ids = _serve(paper, said, where)
    where.written.update(ids)
    before = {"was": [[row.party_id, *map(str, _facts(row))] for row in wrong]} if wrong else None
    shown = _shown(next(iter(said.values())), wrong)
    shown.append(("Người nhận", "", f"{len(said)} người"))
    return Outcome(
        ids[0], f"{case.code} · {paper}", before, shown, _print(ids), more={"also": ids[1:]}
    )


def _paper(case: Case, given: Mapping[str, Any]) -> Document:
    """The paper of the case's log that goes to its holders."""
    logged = CaseEvent.objects.living().filter(case=case, step__in=service.DELIVERED)
    papers = list(Document.objects.filter(pk__in=logged.values("document")).order_by("pk"))
    found = [paper for paper in papers if fold(paper.number) == fold(given["number"])]
    if signed_on := given.get("signed_on"):
        signed = [paper for paper in found if paper.signed_on == signed_on]
        if found and not signed:
            days = "; ".join(f"{paper.signed_on:%d/%m/%Y}" for paper in found)
            raise RowError("signed_on", f"Văn bản {found[0]} ký ngày {days}: kiểm tra lại.")
        found = signed
    if len(found) > 1:
        raise RowError("signed_on", f"Có {len(found)} văn bản số {found[0]}: thêm cột Ngày ký.")
    if not found:
        known = "; ".join(map(str, papers)) or "chưa có"
        raise RowError(
            "number",
            f"Hồ sơ {case.code} không có thông báo, quyết định số {given['number']}. "
            f"Văn bản phải giao của hồ sơ: {known}.",
        )
    return found[0]


def _holders(case: Case, given: Mapping[str, Any]) -> list[Party]:
    """Those who hold in the case now, or the one the row names."""
    held = case.case_parties.filter(valid_to__isnull=True).select_related("party")
    holders = [row.party for row in held.order_by("pk")]
    if not holders:
        raise RowError("case", f"Hồ sơ {case.code} chưa ghi người sử dụng đất.")
    if name := given.get("person"):
        holders = [party for party in holders if fold(party.name) == fold(name)]
        if not holders:
            raise RowError("person", f"“{name}” không đứng tên trên hồ sơ {case.code}.")
    return holders


def _evidence(row: Service | None) -> str:
    return row.evidence if row else ""


def _facts(row: Service) -> tuple[dt.date, str, str]:
    return row.on, row.manner, row.evidence


def _serve(
    paper: Document, said: Mapping[Party, tuple[dt.date, str, str]], where: Where
) -> list[int]:
    """Deliver as each row says, those alike at once; return the deliveries."""
    for facts in dict.fromkeys(said.values()):
        parties = [party for party, row in said.items() if row == facts]
        on, manner, evidence = facts
        try:
            service.serve(
                paper,
                parties,
                on=on,
                manner=manner,
                evidence=evidence,
                by=where.by,
                law=where.law,
            )
        except MoveRefused as refused:
            raise RowError("on", f"{refused.reason} {refused.first or ''}".strip()) from refused
    rows = paper.services.living().filter(party__in=said)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _shown(said: tuple[dt.date, str, str], wrong: Sequence[Service]) -> list[tuple[str, str, str]]:
    """What the first delivery says, and what it said before where it was recorded otherwise."""
    now = _words(said)
    old = _words(_facts(wrong[0])) if wrong else [""] * len(now)
    labels = [FIELDS[name].label.capitalize() for name in ("on", "manner", "evidence")]
    return [(label, a, b) for label, a, b in zip(labels, old, now, strict=True) if a != b]


def _words(facts: tuple[dt.date, str, str]) -> list[str]:
    on, manner, evidence = facts
    return [in_words(on), Service.Manner(manner).label, evidence]


def _print(ids: Sequence[int]) -> int:
    """What the deliveries say now: tells an undo whether someone took one back since."""
    rows = Service.objects.filter(pk__in=ids).order_by("pk")
    return print_of(*rows.values_list("on", "manner", "evidence", "voided_at"))


def put_back(row: ImportRow, by: User) -> str:
    """Take deliveries back; those that stood before are recorded as they were."""
    ids = [row.object_id, *(row.after or {}).get("also", ())]
    made = list(Service.objects.select_for_update().filter(pk__in=ids).select_related("document"))
    if any(each.voided_at for each in made):
        return "đã hủy hoặc ghi lại sau khi nhập"
    if _print(ids) != row.version_after:
        return "đã sửa sau khi nhập"
    was, law = (row.before or {}).get("was", ()), Law.read()
    again = {party for party, *_ in was}
    for each in made:
        service.void(each, reason=TAKEN_BACK, law=law, served_again=each.party_id in again)
    for party, on, manner, evidence in was:
        service.serve(
            made[0].document,
            [Party.objects.get(pk=party)],
            on=dt.date.fromisoformat(on),
            manner=manner,
            evidence=evidence,
            by=by,
            law=law,
        )
    return ""


SERVICES = Table(
    kind=ImportRun.Kind.SERVICES,
    title="Giao văn bản",
    hint="Cần cột Số văn bản, Mã hồ sơ, Ngày giao, Cách giao (ký nhận, từ chối nhận, vắng mặt, "
    "niêm yết, bưu điện); thêm Ngày ký, Người nhận, Minh chứng. Không ghi người nhận thì "
    "mọi người đứng tên hồ sơ đều được giao. Lần đã ghi khác thì hủy và ghi lại theo bảng.",
    model="land.Service",
    fields=FIELDS,
    needed=("number", "case", "on", "manner"),
    take_in=take_in,
    put_back=put_back,
)
