"""Talks with households, trainings, papers delivered, obstacles in places, a few scans."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from gpmb.clearance.models import (
    CaseEvent,
    Obstacle,
    Outreach,
    OutreachHousehold,
    Training,
)
from gpmb.land.models import Service
from gpmb.management.demo.load_base import Loading
from gpmb.management.demo.writer import lines, polygons
from gpmb.papers.models import Attachment, StoredFile
from gpmb.reference.models import ObstacleCause

RECENT_DAYS = 60  # papers younger than this are still being delivered
MEETING_AFTER = 5  # days from the notice to the meeting of those it concerns
MOST_AT_A_MEETING = 40
EXPLAINED = {
    "explain": "Giải thích chủ trương, đơn giá bồi thường, chính sách tái định cư (minh họa).",
    "persuade_inventory": "Vận động hộ cho vào kiểm đếm, giải thích quyền và nghĩa vụ (minh họa).",
    "persuade_handover": "Vận động hộ bàn giao đất sau khi đã nhận tiền (minh họa).",
}
NEXT = {
    "condition": "Đo lại, trả lời bằng văn bản",
    "thinking": "Đến gặp lại",
    "refuses": "Mặt trận Tổ quốc phối hợp vận động",
    "not_met": "Hẹn lại lịch gặp",
}
ANSWERS = ("agrees", "agrees", "agrees", "condition", "thinking", "refuses", "not_met")
TRAININGS = (
    ("Luật Đất đai và các quy định về bồi thường, hỗ trợ, tái định cư", 64, "Cán bộ xã, phường"),
    (
        "Kỹ năng vận động, đối thoại với người có đất thu hồi",
        48,
        "Tổ công tác, Mặt trận, đoàn thể",
    ),
    ("Đo đạc, kiểm đếm và cập nhật số liệu trên phần mềm", 36, "Cán bộ Trung tâm"),
    ("Tiếp công dân, giải quyết đơn thư trong giải phóng mặt bằng", 52, "Cán bộ tiếp dân"),
    ("Xác nhận nguồn gốc đất, hồ sơ thừa kế", 41, "Công chức địa chính"),
)
PLACED = ("utilities", "graves", "project_boundary", "origin_unconfirmed")


def is_served(number: int, notice_on: date | None, today: date) -> bool:
    """Say whether the holders of the case at `number` have had their notice."""
    if notice_on is None:
        return False
    return (today - notice_on).days > RECENT_DAYS or number % 5 != 0


def write(load: Loading) -> None:
    """Write it all."""
    _services(load)
    _talks(load)
    _trainings(load)
    _places(load)
    _scans(load)


def _services(load: Loading) -> None:
    """Deliver notices and approvals on the day of the step, as the log of the city says."""
    city, holders = load.city, load.city.held.cases
    rows: dict[tuple[int, int], list[Any]] = {}
    for event in city.events:
        if event.step not in ("notice", "approval") or event.taking is not None:
            continue
        on = date.fromordinal(event.day)
        if not is_served(event.case, on, load.today):
            continue
        paper = load.papers.of(event.step, holders[event.case].project, event.day)
        for party in holders[event.case].parties:
            manner = "signed"
            if party % 13 == 0:
                manner = ("posted", "absent", "refused", "mailed")[party // 13 % 4]
            evidence = f"{party % 90 + 1}/BB-GVB" if manner in ("absent", "refused") else ""
            rows[paper, load.parties[party]] = [
                on,
                manner,
                evidence,
                load.officer(holders[event.case].project),
            ]
    ids = load.writer.ids(Service, len(rows))
    load.writer.copy(
        Service,
        ["document_id", "party_id", "on", "manner", "evidence", "recorded_by_id"],
        ([at, *key, *row] for at, (key, row) in zip(ids, rows.items(), strict=True)),
    )


def _talks(load: Loading) -> None:
    """Hold a meeting after each notice, and the persuasions that the log knows."""
    city, holders = load.city, load.city.held.cases
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for event in city.events:
        if event.step == "notice" and event.taking is None and event.case % 10 < 8:
            groups[holders[event.case].project, event.day + MEETING_AFTER].append(event.case)
    talks: list[list[Any]] = []
    people: list[list[Any]] = []
    today = load.today.toordinal()
    for (project, day), cases in sorted(groups.items()):
        for at in range(0, len(cases), MOST_AT_A_MEETING):
            if day <= today:
                _hold(load, talks, people, "explain", project, day, cases[at:][:MOST_AT_A_MEETING])
    codes = {
        "persuasion_inventory": "persuade_inventory",
        "persuasion_handover": "persuade_handover",
    }
    events = CaseEvent.objects.filter(step__in=codes).order_by("pk")
    case_at = {pk: number for number, pk in enumerate(load.cases)}
    for row in events.values_list("pk", "case_id", "step", "on", "document_id"):
        moved, case, step, on, document = row
        number = case_at[case]
        _hold(
            load,
            talks,
            people,
            codes[step],
            holders[number].project,
            on.toordinal(),
            [number],
            event=moved,
            document=document,
        )
    names = ["project_id", "kind", "form", "on", "participants", "explained", "next_step"]
    load.writer.copy(Outreach, [*names, "next_on", "document_id", "recorded_by_id"], talks)
    ids = load.writer.ids(OutreachHousehold, len(people))
    load.writer.copy(
        OutreachHousehold,
        ["outreach_id", "case_id", "answer", "event_id"],
        ([at, *row] for at, row in zip(ids, people, strict=True)),
    )


def _hold(
    load: Loading,
    talks: list[list[Any]],
    people: list[list[Any]],
    kind: str,
    project: int,
    day: int,
    cases: list[int],
    *,
    event: int | None = None,
    document: int | None = None,
) -> None:
    (talk,) = load.writer.ids(Outreach, 1)
    alone = len(cases) == 1
    answers = ["refuses" if event else ANSWERS[(case * 5 + day) % 7] for case in cases]
    worst = max(answers, key=ANSWERS.index)
    next_step = NEXT.get(worst, "") if alone else NEXT["condition"]
    on = date.fromordinal(day)
    soon = load.today - on < timedelta(days=45)
    talks.append(
        [
            talk,
            load.projects[project],
            kind,
            "visit" if alone else "meeting",
            on,
            ["centre", "ward", "front", "group"] if event or not alone else ["centre", "ward"],
            EXPLAINED[kind],
            next_step,
            on + timedelta(days=30) if next_step and soon else None,
            document,
            load.officer(project),
        ]
    )
    people += [
        [talk, load.cases[case], answer, event]
        for case, answer in zip(cases, answers, strict=True)
    ]


def _trainings(load: Loading) -> None:
    ids = load.writer.ids(Training, len(TRAININGS))
    load.writer.copy(
        Training,
        ["on", "topic", "organiser_id", "audience", "people_count", "place"],
        (
            [
                at,
                load.today - timedelta(days=40 + 75 * number),
                topic,
                load.organisations["centre" if number % 2 else "city"],
                audience,
                count,
                "Hội trường Thành phố",
            ]
            for number, (at, (topic, count, audience)) in enumerate(
                zip(ids, TRAININGS, strict=True)
            )
        ),
    )


def _places(load: Loading) -> None:
    """Put obstacles on parcels, on stretches of land and on areas, one of each in turn."""
    causes = dict(ObstacleCause.objects.values_list("code", "pk"))
    land = load.city.land
    rows: list[list[Any]] = []
    for number in range(0, len(load.projects), 4):
        mine = np.flatnonzero(land.project == number)
        if len(mine) < 5 or load.city.projects[number].restricted:
            continue
        first = land.boundary[mine[len(mine) // 2]]
        middle = first.centroid
        place: dict[str, Any] = {"parcel_id": None, "area": None, "line": None}
        turn = number // 4 % 3
        if turn == 0:
            place["parcel_id"] = load.parcels[int(mine[len(mine) // 2])]
        elif turn == 1:
            place["area"] = polygons(np.array([middle.buffer(60, quad_segs=2)]))[0]
        else:
            ends = [
                (middle.x - 150, middle.y - 40),
                (middle.x, middle.y),
                (middle.x + 160, middle.y + 30),
            ]
            place["line"] = lines([shapely.LineString(ends)])[0]
        opened = load.today - timedelta(days=20 + 11 * (number % 9))
        rows.append(
            [
                load.projects[number],
                causes[PLACED[turn if turn else number % 4]],
                "Dữ liệu minh họa: vướng tại một vị trí, không thuộc riêng hồ sơ nào.",
                load.organisations["power" if turn == 2 else "centre"],
                opened,
                opened + timedelta(days=45),
                "Kiểm tra thực địa, thống nhất phương án di chuyển",
                place["parcel_id"],
                place["area"],
                place["line"],
            ]
        )
    ids = load.writer.ids(Obstacle, len(rows))
    names = ["project_id", "cause_id", "description", "owner_id", "opened_on", "due_on"]
    load.writer.copy(
        Obstacle,
        [*names, "next_step", "parcel_id", "area", "line"],
        ([at, *row] for at, row in zip(ids, rows, strict=True)),
    )


def scan(words: str) -> bytes:
    """Return a one-page PDF that says a line of plain letters; the same words, the same bytes."""
    text = f"BT /F1 16 Tf 60 760 Td ({words}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    )


def _scans(load: Loading) -> None:
    """Attach a made-up scan to a few cases and to the latest talks."""
    rows = []
    for number in range(0, min(len(load.cases), 400), 40):
        file = StoredFile.keep(scan(f"MINH HOA - BIEN BAN KIEM DEM {number:04}"))
        rows.append(
            [file.pk, "biên bản kiểm đếm.pdf", "Biên bản có chữ ký", load.cases[number], None]
        )
    talks = Outreach.objects.exclude(kind="explain").order_by("-on", "pk")[:8]
    for talk in talks:
        file = StoredFile.keep(scan(f"MINH HOA - BIEN BAN VAN DONG {talk.pk:05}"))
        rows.append([file.pk, "biên bản vận động.pdf", "Có chữ ký các thành phần", None, talk.pk])
    ids = load.writer.ids(Attachment, len(rows))
    load.writer.copy(
        Attachment,
        ["file_id", "name", "note", "case_id", "outreach_id", "added_by_id"],
        ([at, *row, load.users["canbo"]] for at, row in zip(ids, rows, strict=True)),
    )
