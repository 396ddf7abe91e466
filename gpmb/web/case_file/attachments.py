"""The files of a case, of its documents and of its obstacles."""

from django.db.models import Q

from gpmb.accounts.models import Role
from gpmb.clearance.models import CaseEvent, Obstacle, OutreachHousehold
from gpmb.papers.models import Attachment
from gpmb.web.case_file.part import Context, Part, Questions, Reader
from gpmb.web.views.attachments import ACCEPT


def questions(reader: Reader) -> Questions:
    if not reader.rights.household:
        return {}
    rows = Attachment.objects.living().filter(
        Q(case=reader.case)
        | Q(document__in=CaseEvent.objects.filter(case=reader.case).values("document"))
        | Q(obstacle__in=Obstacle.objects.filter(case=reader.case))
        | Q(outreach__in=OutreachHousehold.objects.filter(case=reader.case).values("outreach"))
    )
    return {
        "files": rows.select_related("file", "added_by", "document", "obstacle__cause", "outreach")
    }


def shape(context: Context, reader: Reader) -> Context:
    if not reader.rights.household:
        return {}
    return {
        "attached": {
            "files": context["files"],
            "can_attach": reader.user.role in (Role.OFFICER, Role.FINANCE),
            "accept": ACCEPT,
        }
    }


PART = Part(questions, shape)
