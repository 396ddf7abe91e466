"""Legal procedures: which projects lack some, by whom and when they are completed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project, Readiness, ReadinessItem
from gpmb.reference.models import ReadinessTemplate
from gpmb.web.http import Request
from gpmb.web.import_forms import Kind, paste_form, paste_into
from gpmb.web.readiness_forms import Checklist
from gpmb.web.views.projects import left_out, visible_projects

# The order in which a meeting asks: those without a roadmap first.
ASKED = (
    Readiness.NO_ROADMAP,
    Readiness.ROADMAP,
    Readiness.NOT_REVIEWED,
    Readiness.COMPLETE,
)
# The columns of a line, left to right.
CELLS = ("required", "done_on", "number", "owner", "due_on", "note")


@require_GET
def page(request: Request) -> HttpResponse:
    """Every project under its readiness; those lacking procedures with their roadmap."""
    on = today()
    projects = list(visible_projects(request.user, on).order_by("category_order", "code"))
    missing: dict[int, list[ReadinessItem]] = {}
    total: dict[int, int] = {}
    items = ReadinessItem.objects.filter(project__in=projects, required=True)
    for item in items.select_related("owner").order_by("due_on", "pk"):
        total[item.project_id] = total.get(item.project_id, 0) + 1
        if item.done_on is None or item.done_on > on:
            missing.setdefault(item.project_id, []).append(item)
    groups: list[dict[str, Any]] = [
        {
            "code": state.value,
            "label": state.label,
            "rows": [
                {
                    "project": project,
                    "missing": missing.get(project.pk, []),
                    "total": total.get(project.pk, 0),
                    "done": total.get(project.pk, 0) - len(missing.get(project.pk, [])),
                }
                for project in projects
                if project.readiness == state
            ],
        }
        for state in ASKED
    ]
    pasting = paste_form(request.user, on, kind=Kind.READINESS)
    context = {"groups": groups, "on": on, "count": len(projects), "paste_form": pasting}
    return render(request, "readiness/page.html", context | {"left_out": left_out(request.user)})


@require_http_methods(["GET", "POST"])
def project(request: Request, ref: int) -> HttpResponse:
    """The checklist of one project; its officers and the administrator keep it."""
    on = today()
    row = get_object_or_404(Project.objects.visible_to(request.user), ref=ref)
    may_edit = access.can_edit_readiness(request.user, row, on=on)
    if request.method == "POST" and not may_edit:
        raise Http404
    checklist = Checklist(row, request.POST or None, today=on)
    if request.method == "POST" and checklist.save():
        messages.success(request, "Đã lưu thủ tục của dự án.")
        return redirect("project_readiness", row.ref)
    articles = {
        template.code: template
        for template in ReadinessTemplate.objects.filter(kind__in=("", row.kind))
    }
    lines = [
        {
            "form": form,
            "item": form.instance,
            "law": articles.get(form.instance.code),
            "cells": [form[name] for name in CELLS],
        }
        for form in checklist.forms
    ]
    context = {"project": row, "lines": lines, "may_edit": may_edit, "on": on}
    if may_edit:
        context["paste_form"] = paste_into(request.user, on, row, Kind.READINESS)
    return render(request, "readiness/project.html", context)
