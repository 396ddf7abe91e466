"""Start a project's legal checklist from the templates of its kind."""

from gpmb.clearance.models import Project, ReadinessItem
from gpmb.reference.models import ReadinessTemplate


def start_checklist(project: Project) -> int:
    """Add the procedures that projects of this kind need and this one lacks; return how many.

    A line that is there, done or renamed, stays as it is.
    """
    templates = ReadinessTemplate.objects.filter(kind__in=("", project.kind))
    known = set(project.readiness_items.values_list("code", flat=True))
    missing = [
        ReadinessItem(project=project, code=template.code, name=template.name)
        for template in templates
        if template.code not in known
    ]
    return len(ReadinessItem.objects.bulk_create(missing))
