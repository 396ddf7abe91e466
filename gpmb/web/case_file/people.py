"""The household and its co-owners, for those who may know them; letters, for those who may."""

from gpmb.complaints.models import Complaint
from gpmb.web.case_file.part import Context, Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    if not reader.rights.complaints:
        return {}
    letters = Complaint.objects.visible_to(reader.user, on=reader.on).filter(cases=reader.case)
    return {"complaints": letters.order_by("-received_on")}


def shape(context: Context, reader: Reader) -> Context:
    # Everyone's page asks who holds the land (its kind decides the authority); only some see whom.
    return {"parties": context["holders"]} if reader.rights.household else {}


PART = Part(questions, shape)
