"""The letters about a case that wait for an answer, and what officers noted at its parcels."""

from gpmb.clearance.models import FieldNote, Inquiry
from gpmb.web.case_file.part import Context, Part, Questions, Reader
from gpmb.web.desk_rows import inquiry_rows


def questions(reader: Reader) -> Questions:
    letters = Inquiry.objects.visible_to(reader.user, on=reader.on).filter(case=reader.case)
    found: dict[str, object] = {"letters_out": letters.select_related("to").order_by("sent_on")}
    if reader.rights.household:
        notes = FieldNote.objects.filter(taking__case=reader.case)
        found["field_notes"] = notes.select_related("by").order_by("-on", "-recorded_at")
    return found  # type: ignore[return-value]


def shape(context: Context, reader: Reader) -> Context:
    return {"inquiries": inquiry_rows(context["letters_out"], reader.on)}


PART = Part(questions, shape)
