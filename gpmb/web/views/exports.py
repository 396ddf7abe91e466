"""Data out (/xuat-du-lieu/): what a list, a project page or the map shows, as a file.

The question comes in the address as the page asked it, so the file holds what was on screen.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gpmb import access, refs
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project, Taking
from gpmb.land.models import AdministrativeUnit
from gpmb.reports import exports
from gpmb.reports.exports import lists
from gpmb.reports.models import ExportLog
from gpmb.web.filters import CaseFilter, Listing, ProjectCaseFilter
from gpmb.web.http import Request, address
from gpmb.web.listing import case_rows
from gpmb.web.map_filters import MapQuery

Format, Source = ExportLog.Format, ExportLog.Source


@dataclass(frozen=True)
class Asked:
    """A page's question: which takings, in whose words, and the project it is about, if one."""

    source: ExportLog.Source
    content: exports.Content
    query: QueryDict
    project: Project | None = None
    unit: AdministrativeUnit | None = None

    @property
    def back(self) -> str:
        kept = self.query.copy()
        for name in ("nguon", "du_an"):
            kept.pop(name, None)
        where = {
            Source.CASES: reverse("cases"),
            Source.MAP: reverse("map"),
            Source.PROJECT: reverse("project", args=[self.project.ref]) if self.project else "",
        }[self.source]
        return f"{where}?{kept.urlencode()}" if kept else where


def asked(request: Request, query: QueryDict) -> Asked:
    """Read the question of a page from its query string; an unknown page is 404."""
    on = today()
    visible = Taking.objects.visible_to(request.user).live(on=on)
    if query.get("nguon") == Source.MAP:
        view = MapQuery.read(query, request.user, on)
        words = tuple(chip["label"] for chip in view.chips())
        words += ("có nhóm đang ẩn",) * bool(view.hidden)
        takings = view.selection().takings()
        content = exports.Content(request.user, view.on, on, takings, filters=words)
        found = Project.objects.visible_to(request.user).filter(code=view.project).first()
        return Asked(Source.MAP, content, query, found)
    if query.get("nguon") == Source.PROJECT:
        project = get_object_or_404(
            Project.objects.visible_to(request.user), code=query.get("du_an", "")
        )
        chosen: Listing = ProjectCaseFilter(
            query, case_rows(request.user, on).filter(project=project), request=request, on=on
        )
        takings = visible.filter(project=project)
        if chosen.active():
            takings = takings.filter(case__in=chosen.qs.order_by().values("pk"))
        title = f"Danh sách thu hồi đất: {project.name}"
        content = exports.Content(request.user, on, on, takings, title, _words(chosen))
        return Asked(Source.PROJECT, content, query, project)
    if query.get("nguon") == Source.CASES:
        chosen = CaseFilter(query, case_rows(request.user, on), request=request, on=on)
        takings = visible.filter(case__in=chosen.qs.order_by().values("pk"))
        content = exports.Content(request.user, on, on, takings, filters=_words(chosen))
        found = Project.objects.visible_to(request.user).filter(code=query.get("project")).first()
        return Asked(Source.CASES, content, query, found)
    raise Http404


def _words(chosen: Listing) -> tuple[str, ...]:
    """The filters in force, as the page names them."""
    words = []
    for name, value in chosen.active().items():
        field = chosen.form.fields[name]
        choices = {str(code): str(label) for code, label in getattr(field, "choices", ())}
        words.append(f"{field.label}: {choices.get(value, value)}")
    return tuple(words)


def formats(request: Request, question: Asked) -> list[ExportLog.Format]:
    """The forms this reader may take; a template is for those who may import it back."""
    project = question.project
    works = project is not None and access.works_on(request.user, project, on=today())
    return [form for form in Format if form != Format.TEMPLATE or works]


def units_of(project: Project | None) -> Any:
    """The wards whose parcels a project takes."""
    if project is None:
        return AdministrativeUnit.objects.none()
    ids = Taking.objects.filter(project=project, withdrawn_on=None).values("parcel__unit")
    return AdministrativeUnit.objects.filter(pk__in=ids).order_by("code", "valid_from")


@require_GET
def page(request: Request) -> HttpResponse:
    """Choose a form; says what of it, how many rows, and what is not in it."""
    question = asked(request, request.GET)
    context = {
        "asked": question,
        "rows": question.content.count(),
        "formats": formats(request, question),
        "shapes": exports.Shape.choices,
        "units": units_of(question.project),
        "address": request.GET.urlencode(),
        "drawn": {Format.GEOPACKAGE, Format.SHAPEFILE, Format.DXF, Format.GEOJSON, Format.KML},
    }
    return render(request, "exports/page.html", context)


@require_POST
def download(request: Request) -> HttpResponse | FileResponse:
    """Write the file, log it, hand it over; the file on disk is gone at once."""
    query = address(request.POST.get("dia_chi", ""))
    question = asked(request, query)
    form = request.POST.get("dang", "")
    if form not in formats(request, question):
        raise Http404
    question = _of_ward(request, question)
    if form == Format.TEMPLATE and question.unit is None:
        messages.warning(request, "Mẫu nhập lại làm cho từng xã, phường: chọn một rồi tải.")
        return redirect(f"{reverse('export')}?{query.urlencode()}")
    if form == Format.DXF and question.unit is None and units_of(question.project).count() > 1:
        # Read back, its land would be taken for one ward's.
        messages.warning(
            request, "Bản vẽ DXF không ghi được xã, phường của thửa: chọn một xã, phường rồi tải."
        )
        return redirect(f"{reverse('export')}?{query.urlencode()}")
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        path = Path(folder) / f"xuat.{exports.EXTENSION[Format(form)]}"
        rows = _write(request, question, Format(form), path)
        if not rows:
            messages.warning(request, "Không có dòng nào để xuất. Nới bộ lọc rồi xuất lại.")
            return redirect(f"{reverse('export')}?{query.urlencode()}")
        personal = form == Format.TEMPLATE or (form == Format.LIST and question.content.personal)
        ExportLog.objects.create(
            by=request.user,
            source=question.source,
            format=form,
            filters="; ".join(question.content.filters)[:1000],
            query=query.urlencode()[:1000],
            on=question.content.on,
            rows=rows,
            personal=personal,
        )
        file = path.open("rb")
    return FileResponse(file, as_attachment=True, filename=_name(question, Format(form)))


def _of_ward(request: Request, question: Asked) -> Asked:
    """The question within the ward that was chosen, if one was; another project's ward is 404."""
    asked_for = request.POST.get("xa", "")
    units = list(units_of(question.project)[:2])
    if not asked_for:
        return replace(question, unit=units[0] if len(units) == 1 else None)
    unit = get_object_or_404(units_of(question.project), ref=refs.written(asked_for) or 0)
    content = question.content
    takings = content.takings.filter(parcel__unit=unit)
    words = (*content.filters, f"Xã, phường: {unit}")
    return replace(question, content=replace(content, takings=takings, filters=words), unit=unit)


def _write(request: Request, question: Asked, form: ExportLog.Format, path: Path) -> int:
    if form == Format.TEMPLATE:
        project, unit = question.project, question.unit
        assert project is not None and unit is not None  # noqa: S101, PT018  (asked for above)
        asked_for = question.content.takings.filter(case__isnull=False).order_by().values("case")
        cases = lists.template_cases(project, unit, today()).filter(pk__in=asked_for)
        return lists.write_template(project, unit, cases, path, on=today())
    shape = request.POST.get("hinh", "")
    if shape not in exports.Shape.values:
        shape = exports.Shape.PARCEL
    return exports.write(question.content, form, exports.Shape(shape), path)


def _name(question: Asked, form: ExportLog.Format) -> str:
    about = question.project.code if question.project else str(question.source)
    kind = "-mau" if form == Format.TEMPLATE else ""
    return f"{about}{kind}-{question.content.on:%Y%m%d}.{exports.EXTENSION[form]}"
