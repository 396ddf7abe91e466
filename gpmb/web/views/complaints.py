"""The complaint register (/don-thu/): intake, list, one letter with its clocks, the month's table.

A letter exists only for those Complaint.objects.visible_to says; for everyone else it is 404.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.conf import settings
from django.contrib import messages
from django.contrib.gis.geos import Point
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geo import crs
from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Case
from gpmb.complaints import duplicates
from gpmb.complaints.models import Complaint, MoveRefusedError
from gpmb.complaints.monthly import COLUMNS, total
from gpmb.complaints.monthly import monthly as months_of
from gpmb.papers.models import COMPLAINT_KINDS
from gpmb.reports import complaints as papers
from gpmb.reports.administrative import DOCX
from gpmb.reports.letters import values
from gpmb.reports.letters.template import Template
from gpmb.reports.models import ExportLog
from gpmb.web import boundary_map
from gpmb.web.city_tables import Kind, beside
from gpmb.web.complaint_filters import ComplaintFilter
from gpmb.web.complaint_forms import ComplaintForm, ConcernForm, HandleForm, MoveForm
from gpmb.web.http import Request
from gpmb.web.listing import PAGE_SIZE
from gpmb.web.views.attachments import files_of
from gpmb.web.views.letters import current

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEAST = 3
WGS84 = 4326


def listed(request: Request) -> ComplaintFilter:
    """Return the letters this user may read, filtered by the address."""
    if not access.can_read_register(request.user):
        raise Http404
    on = today()
    rows = Complaint.objects.visible_to(request.user, on=on).select_related(
        "project", "repeats", "officer"
    )
    return ComplaintFilter(request.GET, rows, on=on)


@require_GET
def complaint_list(request: Request) -> HttpResponse:
    chosen = listed(request)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "complaints/list.html",
        {
            "filter": chosen,
            "page": page,
            "on": chosen.on,
            "can_register": access.can_register_complaints(request.user),
            **beside(request.user, Kind.COMPLAINTS),
        },
    )


@require_GET
def export(request: Request) -> HttpResponse:
    """The filtered list as a workbook, by the same permission as the page."""
    rows = list(listed(request).qs.with_land(request.user))
    note(request, len(rows), personal=False)
    return download(papers.register(rows), "don-thu.xlsx", XLSX)


@require_GET
def reception_book(request: Request) -> HttpResponse:
    """The citizens' reception book of the filtered letters, names included: petitions alone."""
    if not access.can_register_complaints(request.user):
        raise Http404
    rows = listed(request).qs.filter(channel=Complaint.Channel.RECEPTION)
    rows = rows.with_land(request.user).prefetch_related("complaint_parties__party")
    rows = list(rows.order_by("received_on", "pk"))
    note(request, len(rows), personal=True)
    content = papers.reception_book(rows)
    return download(content, "so-tiep-cong-dan.xlsx", XLSX)


def note(
    request: Request, rows: int, *, personal: bool, form: str = ExportLog.Format.LIST
) -> None:
    """Keep that a file of the register left the program."""
    ExportLog.sheet(
        ExportLog.Source.COMPLAINTS,
        by=request.user,
        query=request.get_full_path(),
        on=today(),
        rows=rows,
        personal=personal,
        form=form,
    )


def download(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


def year_asked(request: Request) -> int:
    """Return the year in the address; this year where there is none or it makes no sense."""
    text = request.GET.get("nam", "")
    this = today().year
    return int(text) if text.isdigit() and 2000 <= int(text) <= this else this


def counted(request: Request) -> Any:
    """Return the letters behind the city's totals; never restricted projects to the uncleared."""
    if not access.can_read_complaint_totals(request.user):
        raise Http404
    rows = Complaint.objects.filter(received_on__lte=today())
    return rows if request.user.cleared else rows.exclude(project__restricted=True)


def withheld(months: list[Any], request: Request) -> list[Any]:
    """Say "dưới 3" of figures of fewer than three to those who don't read the register."""
    if not access.can_read_register(request.user):
        for row in months:
            for figures in (row.now, row.before):
                figures.update({k: "dưới 3" for k, n in figures.items() if 0 < n < LEAST})
    return months


@require_GET
def monthly(request: Request) -> HttpResponse:
    year = year_asked(request)
    months = months_of(counted(request), year=year, on=today())
    rows = [*months, total(months)]
    return render(
        request,
        "complaints/monthly.html",
        {
            "year": year,
            "columns": COLUMNS,
            "rows": withheld(rows, request),
            "on": today(),
            "can_export": access.can_read_register(request.user),
        },
    )


@require_GET
def monthly_export(request: Request) -> HttpResponse:
    year = year_asked(request)
    rows = counted(request)
    if not access.can_read_register(request.user):
        raise Http404
    months = months_of(rows, year=year, on=today())
    content = papers.monthly(months, year)
    note(request, len(months), personal=False)
    return download(content, f"don-thu-{year}.xlsx", XLSX)


@require_http_methods(["GET", "POST"])
def intake(request: Request) -> HttpResponse:
    """Take a letter in."""
    if not access.can_register_complaints(request.user):
        raise Http404
    on = today()
    form = ComplaintForm(
        request.POST or None,
        today=on,
        user=request.user,
        initial={"received_on": f"{on:%d/%m/%Y}", "kind": Complaint.Kind.COMPLAINT},
    )
    if request.method == "POST" and form.is_valid():
        complaint = form.save(by=request.user)
        messages.success(request, f"Đã tiếp nhận đơn số {complaint.serial}.")
        return redirect("complaint", complaint.ref)
    form.mark_invalid()
    return render(
        request, "complaints/intake.html", {"form": form, **boundary_map.picker(request)}
    )


def find(request: Request, ref: int) -> Complaint:
    """Return a letter this user may read."""
    rows = Complaint.objects.visible_to(request.user, on=today()).select_related(
        "project", "officer", "repeats", "document"
    )
    rows = rows.with_land(request.user)
    return get_object_or_404(rows, ref=ref)


def registrable(request: Request, ref: int) -> Complaint:
    """Return a letter this user may work on; for everyone else it can't be changed: 404."""
    complaint = find(request, ref)
    if not access.can_register_complaints(request.user):
        raise Http404
    return complaint


@require_GET
def complaint_page(request: Request, ref: int) -> HttpResponse:
    return render(request, "complaints/page.html", page_context(request, find(request, ref)))


def page_context(
    request: Request,
    complaint: Complaint,
    form: MoveForm | None = None,
    concern_form: ConcernForm | None = None,
) -> dict[str, Any]:
    """What the page shows this user; a denunciation is number, dates, status and clocks."""
    on, user = today(), request.user
    context: dict[str, Any] = {
        "c": complaint,
        "on": on,
        "clocks": [(clock, clock.late_days(on)) for clock in complaint.clocks()],
        "events": complaint.events.select_related("by", "document").order_by(
            "-on", "-recorded_at", "-id"
        ),
        "plain": complaint.kind == Complaint.Kind.DENUNCIATION,
        "can_register": access.can_register_complaints(user),
        "settled": complaint.settled(on=on),
    }
    if not context["plain"]:
        readable = Complaint.objects.visible_to(user, on=on)
        context |= {
            "people": complaint.complaint_parties.select_related("party"),
            "cases": cases_of(request, complaint),
            "place": map_at(complaint.location),
            "joined": readable.filter(repeats=complaint).order_by("received_on"),
            "proposals": duplicates.proposals(complaint, readable),
            "letters": {kind.value: kind.label for kind in COMPLAINT_KINDS},
            "attached": files_of(request, complaint),
        }
    if context["can_register"]:
        context["form"] = form or MoveForm(
            today=on, complaint=complaint, initial={"on": f"{on:%d/%m/%Y}"}
        )
        context["handle_form"] = HandleForm(today=on, complaint=complaint, auto_id="handle_%s")
        if not context["plain"]:
            context["concern_form"] = concern_form or ConcernForm(
                today=on, user=user, complaint=complaint, auto_id="concern_%s"
            )
    return context


def map_at(point: Point | None) -> str:
    """The address of the map with a point in its middle; nothing without one."""
    if point is None:
        return ""
    west, north = crs.transform_points(np.array([point.coords]), settings.SRID, WGS84)[0]
    return f"{reverse('map')}?view=18/{north:.6f}/{west:.6f}&colour=complaint"


def cases_of(request: Request, complaint: Complaint) -> list[tuple[Case, bool]]:
    """Return the cases a letter is about, each with whether this user may open its page."""
    cases = [link.case for link in complaint.complaint_cases.all()]
    seen = Case.objects.visible_to(request.user, on=today()).filter(pk__in=[c.pk for c in cases])
    opened = set(seen.values_list("pk", flat=True))
    return [(case, case.pk in opened) for case in cases]


@require_POST
def move(request: Request, ref: int) -> HttpResponse:
    """Change the status of a letter."""
    complaint = registrable(request, ref)
    form = MoveForm(request.POST, today=today(), complaint=complaint)
    if form.is_valid():
        try:
            event = form.save(by=request.user)
        except MoveRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Đã ghi: {event.get_status_display()}.")
            return redirect("complaint", complaint.ref)
    form.mark_invalid()
    context = page_context(request, find(request, ref), form)
    return render(request, "complaints/page.html", context)


@require_POST
def handle(request: Request, ref: int) -> HttpResponse:
    """Assign a letter, and say what lengthens its clock."""
    complaint = registrable(request, ref)
    form = HandleForm(request.POST, today=today(), complaint=complaint)
    if form.is_valid():
        form.save()
        messages.success(request, "Đã giao xử lý.")
    else:
        messages.error(request, "Chưa ghi: hãy chọn cán bộ và số lần gia hạn trong danh sách.")
    return redirect("complaint", complaint.ref)


@require_POST
def concern(request: Request, ref: int) -> HttpResponse:
    """Say which cases, parcels or place a letter is about."""
    complaint = registrable(request, ref)
    if complaint.kind == Complaint.Kind.DENUNCIATION:
        raise Http404
    form = ConcernForm(
        request.POST, today=today(), user=request.user, complaint=complaint, auto_id="concern_%s"
    )
    if form.is_valid():
        form.save()
        messages.success(request, "Đã ghi hồ sơ, thửa đất của đơn.")
        return redirect("complaint", complaint.ref)
    form.mark_invalid()
    context = page_context(request, find(request, ref), concern_form=form)
    return render(request, "complaints/page.html", context)


@require_POST
def join(request: Request, ref: int) -> HttpResponse:
    """Join a letter to an earlier one on the same matter."""
    complaint = registrable(request, ref)
    serial = request.POST.get("first", "").strip()
    rows = Complaint.objects.visible_to(request.user, on=today())
    first = rows.filter(serial=serial).first()
    if first is None:
        messages.error(request, f"Không có đơn số “{serial}”. Hãy kiểm tra lại số tiếp nhận.")
    else:
        try:
            complaint.join(first)
        except MoveRefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Đã gộp vào đơn số {first.serial}.")
    return redirect("complaint", complaint.ref)


@require_GET
def letter(request: Request, ref: int, kind: str) -> HttpResponse:
    """A letter about a complaint from its template; of a denunciation the program writes none."""
    complaint = registrable(request, ref)
    if kind not in COMPLAINT_KINDS or complaint.kind == Complaint.Kind.DENUNCIATION:
        raise Http404
    template = Template(current(kind).file.read())
    content = template.write(values.of_complaint(complaint, on=today()))
    note(request, 1, personal=True, form=ExportLog.Paper.WORD)
    return download(content, f"{kind}-{complaint.serial}.docx".replace("/", "-"), DOCX)
