"""In the field (/hien-truong/): on a phone, find the parcel one stands at, write what happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import shapely
from django import forms
from django.conf import settings
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from gpmb import access
from gpmb.clearance.clock import today
from gpmb.clearance.models import FieldNote, Taking
from gpmb.papers.models import Attachment, RefusedFile, too_large
from gpmb.web.drafts import mark_saved
from gpmb.web.forms import AdvanceForm, DayField, PageForm
from gpmb.web.http import Request
from gpmb.web.search_words import Parcels
from gpmb.web.views.panel import find_taking, panel_context, record
from maps.sketch import sketch

REACH_M = 500
NEAREST = 20
DRAWN = 12  # nearest parcels of the sketch: enough to know where one stands
WGS84 = 4326
OWN_SPOT_M = 1.5
AROUND_M = 35.0


class PlaceForm(forms.Form):
    """A position as the browser tells it, degrees WGS 84; accuracy in metres."""

    lat = forms.FloatField(min_value=-90, max_value=90)
    lon = forms.FloatField(min_value=-180, max_value=180)
    accuracy = forms.FloatField(min_value=0, required=False)


class NoteForm(PageForm):
    """What was seen or agreed at a parcel."""

    on = DayField(label="Ngày")
    text = forms.CharField(
        label="Ghi chú",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Hãy gõ nội dung ghi chú."},
    )


def in_the_field(request: Request) -> dt.date:
    """Today, for an officer; for everyone else these pages don't exist."""
    if not access.can_use_desk(request.user):
        raise Http404
    return today()


@require_GET
def home(request: Request) -> HttpResponse:
    """Where am I, or which number: both lead to the parcel. What was not sent yet is listed."""
    in_the_field(request)
    return render(request, "field/home.html")


@require_POST
def near(request: Request) -> HttpResponse:
    """The nearest parcels of a position, as a list and a sketch. The position is kept nowhere."""
    on = in_the_field(request)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return render(request, "field/near.html", {"unknown": True})
    spot = Point(form.cleaned_data["lon"], form.cleaned_data["lat"], srid=WGS84)
    west, south, east, north = settings.PROVINCE.lonlat_bounds
    if not (west <= spot.x <= east and south <= spot.y <= north):
        return render(request, "field/near.html", {"outside": settings.PROVINCE.name})
    spot.transform(settings.SRID)
    takings = (
        Taking.objects.visible_to(request.user)
        .live(on=on)
        .near(spot, REACH_M)
        .annotate(away=Distance("boundary", spot))
        .select_related("project", "case", "parcel__unit")
        .prefetch_related("parcel__numbers")
        .order_by("away", "pk")[:NEAREST]
    )
    rows = rows_of(takings)
    context = {
        "rows": rows,
        "reach_m": REACH_M,
        "accuracy": form.cleaned_data["accuracy"],
        "drawn": drawn(rows[:DRAWN], spot),
    }
    return render(request, "field/near.html", context)


@require_GET
def numbered(request: Request) -> HttpResponse:
    """The parcels of a number typed as people write it: "5/85", "thửa 85 tờ 5", "thửa 85"."""
    on = in_the_field(request)
    text = " ".join(request.GET.get("q", "").split())
    asked = Parcels.read(text) or (Parcels(None, (text,)) if text.isalnum() and text else None)
    takings = Taking.objects.none()
    if asked is not None:
        takings = (
            Taking.objects.visible_to(request.user)
            .live(on=on)
            .filter(parcel__in=asked.find().values("parcel"))
            .select_related("project", "case", "parcel__unit")
            .prefetch_related("parcel__numbers")
            .order_by("project__code", "pk")[:NEAREST]
        )
    return render(request, "field/found.html", {"rows": rows_of(takings), "text": text})


def rows_of(takings: Any) -> list[dict[str, Any]]:
    """Each taking with its current number, and how far it is (metres) where that was asked."""
    rows = []
    for taking in takings:
        numbers = [
            n for n in taking.parcel.numbers.all() if n.kind == "current" and not n.valid_to
        ]
        away = getattr(taking, "away", None)
        rows.append(
            {
                "taking": taking,
                "number": numbers[0] if numbers else None,
                "away_m": None if away is None else round(away.m),
            }
        )
    return rows


def drawn(rows: list[dict[str, Any]], spot: Point) -> dict[str, Any] | None:
    """The nearest parcels and one's own spot among them, as a sketch."""
    # A road or a canal runs far: only what is near is drawn, so that its neighbours stay legible.
    reach = max(AROUND_M, max((row["away_m"] or 0 for row in rows), default=0) + AROUND_M / 3)
    near = shapely.box(spot.x - reach, spot.y - reach, spot.x + reach, spot.y + reach)
    shapes = [
        shapely.buffer(shapely.intersection(_shape_of(row["taking"]), near), 0) for row in rows
    ]
    me = shapely.Point(spot.x, spot.y).buffer(OWN_SPOT_M)
    made = sketch([*shapes, me], ratio=1.1) if shapes else None
    if made is None:
        return None
    pieces = [row | {"shape": shape} for row, shape in zip(rows, made.shapes, strict=False)]
    return {"sketch": made, "pieces": pieces, "me": made.shapes[-1]}


def _shape_of(taking: Taking) -> Any:
    return shapely.from_wkb(bytes(taking.boundary.wkb))


def taking_context(request: Request, ref: int) -> dict[str, Any]:
    """The parcel, its case and what is open to this officer."""
    on = in_the_field(request)
    taking = find_taking(request, ref, on)
    context = panel_context(request, taking, on)
    works = access.works_on(request.user, taking.project, on=on)
    if works:
        context["notes"] = taking.notes.select_related("by")[:10]
        context["note_form"] = NoteForm(today=on, initial={"on": f"{on:%d/%m/%Y}"})
    if context.get("can_edit") and taking.case is not None:
        context["form"] = AdvanceForm(case=taking.case, today=on, log=context["log"])
        context["photos"] = photos_of(request, taking)
    return context | {"works": works}


def photos_of(request: Request, taking: Taking) -> Any:
    rows = Attachment.objects.visible_to(request.user, on=today()).filter(case=taking.case)
    return rows.filter(file__kind__in=("jpg", "png")).select_related("file")[:8]


@require_GET
def taking_page(request: Request, ref: int) -> HttpResponse:
    return render(request, "field/taking.html", taking_context(request, ref))


def working_context(request: Request, ref: int, needs: str) -> dict[str, Any]:
    context = taking_context(request, ref)
    if not context.get(needs):
        raise Http404
    return context


@require_POST
def step(request: Request, ref: int) -> HttpResponse:
    """Record a step; the answer is the part of the page about steps."""
    context = working_context(request, ref, "can_edit")
    form = AdvanceForm(request.POST, case=context["case"], today=context["today"])
    outcome = record(form, request)
    if outcome["saved"]:
        return mark_saved(
            render(request, "field/step.html", taking_context(request, ref) | outcome)
        )
    return render(request, "field/step.html", context | {"form": form} | outcome)


@require_POST
def note(request: Request, ref: int) -> HttpResponse:
    """Write a note at a parcel."""
    context = working_context(request, ref, "works")
    form = NoteForm(request.POST, today=context["today"])
    if not form.is_valid():
        form.mark_invalid()
        return render(request, "field/notes.html", context | {"note_form": form})
    FieldNote.objects.create(
        taking=context["taking"],
        on=form.cleaned_data["on"],
        text=form.cleaned_data["text"],
        by=request.user,
    )
    return mark_saved(render(request, "field/notes.html", context | {"noted": True}))


@require_POST
def photo(request: Request, ref: int) -> HttpResponse:
    """Attach a photo to the case: without its position, known by its content."""
    context = working_context(request, ref, "can_edit")
    file = request.FILES.get("photo")
    context["said"] = request.POST.get("note", "").strip()[:200].replace("\0", "")
    if file is None:
        wrong = "Chưa chọn ảnh. Chụp hoặc chọn ảnh rồi gửi."
        return render(request, "field/photos.html", context | {"wrong": wrong})
    try:
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise too_large(file.size or 0)
        number = context["number"]
        Attachment.attach(
            file.read(),
            file.name or "anh.jpg",
            to=context["case"],
            by=request.user,
            note=context["said"] or (str(number) if number else ""),
        )
    except RefusedFile as refused:
        return render(request, "field/photos.html", context | {"wrong": str(refused)})
    context |= {"photos": photos_of(request, context["taking"]), "said": ""}
    return mark_saved(render(request, "field/photos.html", context | {"sent": True}))
