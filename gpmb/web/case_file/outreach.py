"""The talks with a household: who explained what, what it answered, what comes next."""

from gpmb.clearance.models import OutreachHousehold
from gpmb.web.case_file.part import Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    rows = OutreachHousehold.objects.filter(case=reader.case).select_related("outreach__document")
    return {"talks": rows.order_by("-outreach__on", "-pk")}


PART = Part(questions)
