"""Which notice or decision of a case reached whom, when and how."""

from gpmb.clearance.models import CaseEvent, CaseParty
from gpmb.clearance.service import DELIVERED
from gpmb.land.models import Service
from gpmb.web.case_file.part import Context, Part, Questions, Reader
from gpmb.web.service_forms import CaseServeForm


def questions(reader: Reader) -> Questions:
    if not reader.rights.household:
        return {}
    rows = Service.objects.filter(
        party__in=CaseParty.objects.filter(case=reader.case).values("party"),
        document__in=CaseEvent.objects.filter(case=reader.case).values("document"),
    )
    return {"services": rows.select_related("document", "party").order_by("-on", "-pk")}


def shape(context: Context, reader: Reader) -> Context:
    if not reader.rights.edit:
        return {}
    papers = {e.document_id: e.document for e in context["log"] if e.step in DELIVERED}
    holders = [row.party for row in context["holders"] if row.valid_to is None]
    form = CaseServeForm(papers=list(filter(None, papers.values())), holders=holders, on=reader.on)
    return {"service_form": form}


PART = Part(questions, shape)
