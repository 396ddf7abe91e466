"""One parcel (/thua/…/): its numbers, where it came from, who takes of it; split and merge."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from geo.split import NotSplit
from gpmb import access
from gpmb.analysis import adjacency
from gpmb.clearance import lineage, lineage_undo
from gpmb.clearance.bulk_changes import step_words
from gpmb.clearance.clock import today
from gpmb.clearance.lineage import LineageRefused, NewParcel
from gpmb.clearance.models import Case, Project, Reshaping, StaleCase, Taking
from gpmb.importing.findings import Question, Report, WrongUsage
from gpmb.importing.survey.lineage import read_parts
from gpmb.importing.survey.spatial import Answers
from gpmb.land.models import Parcel
from gpmb.law import steps
from gpmb.web import boundary_map
from gpmb.web.http import Request
from gpmb.web.parcel_forms import HolderForm, MergeForm, SplitForm, TakeBackForm, pack, unpack
from gpmb.web.views.cases import editable_case


def find(request: Request, ref: int) -> Parcel:
    """The parcel of this public id, or of the taking that has it; hidden ones are 404."""
    parcels = Parcel.objects.visible_to(request.user).select_related("unit")
    found = parcels.filter(ref=ref).first()
    if found is None:
        takings = Taking.objects.visible_to(request.user)
        found = parcels.get(pk=get_object_or_404(takings, ref=ref).parcel_id)
    return found


def reshapable(request: Request, ref: int) -> Parcel:
    """The living parcel, for an officer of every project that takes of it; else 404."""
    parcel = find(request, ref)
    if not access.can_reshape(request.user, parcel, on=today()):
        raise Http404
    return parcel


@require_GET
def page(request: Request, ref: int) -> HttpResponse:
    parcel = find(request, ref)
    takings = Taking.objects.visible_to(request.user).filter(parcel=parcel)
    seen = Parcel.objects.visible_to(request.user)
    context = {
        "parcel": parcel,
        "numbers": parcel.numbers.select_related("unit").order_by("kind", "valid_to", "pk"),
        "takings": (rows := takings.select_related("project", "case").order_by("pk")),
        "steps": {row.case_id: step_words(row.case, today()) for row in rows if row.case},
        "opened": set(
            Case.objects.visible_to(request.user, on=today())
            .filter(takings__parcel=parcel)
            .values_list("pk", flat=True)
        ),
        "parents": parcel.parent_links.filter(parent__in=seen).select_related("document"),
        "children": parcel.children_links.filter(child__in=seen).select_related("document"),
        "names": names_of(
            [
                *parcel.parent_links.values_list("parent", flat=True),
                *parcel.children_links.values_list("child", flat=True),
            ]
        ),
        "can_reshape": access.can_reshape(request.user, parcel, on=today()),
        "reshaping": reshaping_of(request, parcel),
        **map_of(request, parcel),
    }
    return render(request, "parcels/page.html", context)


def reshaping_of(request: Request, parcel: Parcel) -> Reshaping | None:
    """The last split or merge of this parcel, for those who may take it back."""
    last = Reshaping.objects.standing().about(parcel).order_by("-created_at", "-pk").first()
    if last is None or not access.can_undo_reshaping(request.user, last, on=today()):
        return None
    return last


def names_of(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Public id and number ("5/85") of parcels, living or retired."""
    rows = Parcel.objects.filter(pk__in=ids).prefetch_related("numbers")
    return {
        row.pk: {
            "ref": row.ref,
            "key": next((n.key for n in row.numbers.all() if n.kind == "current"), "không số"),
        }
        for row in rows
    }


def map_of(request: Request, parcel: Parcel) -> dict[str, Any]:
    if parcel.boundary is None:
        return {"parts": None}
    project = Project.objects.visible_to(request.user).filter(takings__parcel=parcel).first()
    found: dict[str, Any] = boundary_map.around_shape(request, parcel.boundary, project)
    return found


@require_http_methods(["GET", "POST"])
def split(request: Request, ref: int) -> HttpResponse:
    """Draw the line or give the survey's file, see what becomes of areas and takings, write."""
    parcel = reshapable(request, ref)
    form = SplitForm(request.POST or None, request.FILES or None, today=today())
    context: dict[str, Any] = {"parcel": parcel, "form": form, "key": key_of(parcel)}
    if request.method == "POST" and form.is_valid():
        try:
            children = _children(form, parcel)
            context["proposal"] = lineage.propose_split(
                parcel, children, on=form.cleaned_data["on"]
            )
            context["packed"] = pack(context["proposal"].children)
            if form.cleaned_data["confirmed"]:
                formed = _split(request, form, parcel, children)
                messages.success(
                    request, f"Đã tách thửa {context['key']} thành {len(formed)} thửa."
                )
                return redirect("parcel", parcel.ref)
        except (NotSplit, LineageRefused) as refused:
            form.add_error(None, str(refused))
        except (Question, WrongUsage) as asked:
            form.add_error("file", str(asked))
    form.mark_invalid()
    return render(request, "parcels/split.html", context | map_of(request, parcel))


def _split(
    request: Request, form: SplitForm, parcel: Parcel, children: list[NewParcel]
) -> list[Parcel]:
    with transaction.atomic():
        formed = lineage.split(
            parcel,
            children,
            on=form.cleaned_data["on"],
            document=form.document(),
            by=request.user,
        )
    refresh(formed)
    return formed


def refresh(formed: list[Parcel]) -> None:
    """Neighbours of the new parcels, for the figures of blocking land."""
    for project in Project.objects.filter(takings__parcel__in=formed).distinct():
        adjacency.refresh(project)


def _children(form: SplitForm, parcel: Parcel) -> list[NewParcel]:
    data = form.cleaned_data
    if data["parts"]:
        return unpack(data["parts"])
    if not data["file"]:
        return form.by_line(parcel)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        path = Path(folder) / "thua"
        path.write_bytes(data["file"].read())
        try:
            found = read_parts(path, parcel.unit, Answers(), report)
        except Question as asked:
            if asked.code != "crs_missing":
                raise
            # A survey of one parcel stands where the parcel does, or it is refused below.
            here = Answers(crs=f"EPSG:{parcel.boundary.srid}")
            found = read_parts(path, parcel.unit, here, report := Report())
    errors = [str(f) for f in report.findings if f.severity == "error"]
    if errors:
        raise NotSplit(" ".join(errors[:5]))
    return found


def key_of(parcel: Parcel) -> str:
    current = parcel.numbers.filter(kind="current", valid_to=None)
    return current.values_list("key", flat=True).first() or "không số"


@require_http_methods(["GET", "POST"])
def merge(request: Request, ref: int) -> HttpResponse:
    """Choose neighbours, see what becomes of them, write."""
    parcel = reshapable(request, ref)
    near = {p.ref: p for p in neighbours(request, parcel)}
    names = names_of([p.pk for p in near.values()])
    choices = [(str(p.ref), names[p.pk]["key"]) for p in near.values()]
    form = MergeForm(request.POST or None, neighbours=choices, today=today())
    context: dict[str, Any] = {"parcel": parcel, "form": form, "key": key_of(parcel)}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [parcel, *(near[int(other)] for other in data["others"])]
        try:
            context["proposal"] = lineage.propose_merge(chosen, *data["number"], on=data["on"])
            context["old_keys"] = names_of([p.pk for p in chosen])
            if data["confirmed"]:
                with transaction.atomic():
                    formed = lineage.merge(
                        chosen,
                        *data["number"],
                        on=data["on"],
                        document=form.document(),
                        by=request.user,
                    )
                refresh([formed])
                messages.success(request, f"Đã hợp {len(chosen)} thửa thành một.")
                return redirect("parcel", formed.ref)
        except LineageRefused as refused:
            form.add_error(None, str(refused))
    form.mark_invalid()
    return render(request, "parcels/merge.html", context | map_of(request, parcel))


def neighbours(request: Request, parcel: Parcel) -> list[Parcel]:
    """Living parcels beside this one that the officer may reshape too."""
    on = today()
    near = (
        Parcel.objects.visible_to(request.user)
        .live(on=on)
        .filter(unit=parcel.unit, boundary__dwithin=(parcel.boundary, 0.1))
        .exclude(pk=parcel.pk)
        .order_by("pk")[:30]
    )
    return [other for other in near if access.can_reshape(request.user, other, on=on)]


@require_http_methods(["GET", "POST"])
def undo(request: Request, ref: int) -> HttpResponse:
    """Take the last split or merge of a parcel back, with a reason; else say what stands on it."""
    parcel = find(request, ref)
    record = reshaping_of(request, parcel)
    if record is None:
        raise Http404
    form = TakeBackForm(request.POST or None, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            parents = lineage_undo.undo(
                record, by=request.user, reason=form.cleaned_data["reason"]
            )
        except lineage_undo.UndoRefused as refused:
            for why in refused.reasons:
                form.add_error(None, why)
        else:
            refresh(parents)
            messages.success(request, "Đã hoàn tác: thửa cũ trở lại như trước khi tách, hợp.")
            return redirect("parcel", parents[0].ref)
    form.mark_invalid()
    old = list(record.parents.order_by("pk").values_list("pk", flat=True))
    names = names_of([*old, *record.children])
    context = {
        "parcel": parcel,
        "record": record,
        "form": form,
        "old": [names[pk]["key"] for pk in old],
        "new": [names[pk]["key"] for pk in record.children],
        "takings": len(record.before["takings"]),
    }
    return render(request, "parcels/undo.html", context)


@require_http_methods(["GET", "POST"])
def holder(request: Request, ref: int, row: int) -> HttpResponse:
    """A change of holder in the middle of the procedure: previewed, then written."""
    case = editable_case(request, ref)
    rows = case.case_parties.select_related("party").filter(valid_to=None)
    old = get_object_or_404(rows, party__ref=row)
    form = HolderForm(
        request.POST or None,
        today=today(),
        initial={"on": f"{today():%d/%m/%Y}", "version": case.version, "kind": old.party.kind},
    )
    context: dict[str, Any] = {"case": case, "old": old, "form": form}
    if request.method == "POST" and form.is_valid():
        context["preview"] = {
            "events": case.events.count(),
            "payments": case.payments.count(),
            "takings": case.takings.live(on=today()).count(),
        }
        if form.cleaned_data["confirmed"] and _change(request, form, case, old):
            messages.success(request, "Đã ghi người đứng tên mới; hồ sơ và diễn biến giữ nguyên.")
            return redirect("case", case.ref)
    form.mark_invalid()
    return render(request, "cases/holder.html", context)


def _change(request: Request, form: HolderForm, case: Case, old: Any) -> bool:
    data = form.cleaned_data
    try:
        with transaction.atomic():
            old.change_to(
                form.party(),
                on=data["on"],
                document=form.document(),
                reason=data["reason"],
                version=data["version"],
            )
    except StaleCase:
        form.add_error(None, "Hồ sơ vừa được người khác cập nhật. Xem lại rồi ghi nếu còn cần.")
        form.data = {
            **dict(form.data.items()),
            "version": str(Case.objects.get(pk=case.pk).version),
        }
        return False
    except steps.MoveRefused as refused:
        form.add_error(None, refused.reason)
        return False
    return True


@require_http_methods(["GET", "POST"])
def holder_undo(request: Request, ref: int, row: int) -> HttpResponse:
    """Take a change of holder back, with a reason; else say what was done since."""
    case = editable_case(request, ref)
    rows = case.case_parties.select_related("party", "follows__party")
    new = get_object_or_404(rows.filter(valid_to=None, follows__isnull=False), party__ref=row)
    form = TakeBackForm(request.POST or None, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            new.undo_change(reason=form.cleaned_data["reason"])
        except steps.MoveRefused as refused:
            form.add_error(None, refused.reason)
        else:
            messages.success(request, "Đã hoàn tác: người cũ lại đứng tên.")
            return redirect("case", case.ref)
    form.mark_invalid()
    return render(request, "cases/holder_undo.html", {"case": case, "new": new, "form": form})
