"""May this person do this to that: one predicate a question, beside the QuerySets' filters.

`visible_to` decides whether a row exists for someone; these decide what is open inside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from gpmb.accounts.models import Role, User
from gpmb.clearance.models import (
    Case,
    Directive,
    Obstacle,
    Outreach,
    Project,
    Reassignment,
    Reshaping,
)
from gpmb.clearance.models.project import ProjectQuerySet
from gpmb.complaints.models import Complaint
from gpmb.land.models import Document, Parcel
from gpmb.papers.models import Attachment
from gpmb.resettlement.models import Site


def _open_to(user: User, project: Project) -> bool:
    return user.cleared or not project.restricted


def works_on(user: User, project: Project, *, on: dt.date) -> bool:
    """Say whether `user` is an officer assigned to the project on that day."""
    if user.role != Role.OFFICER or not user.is_active:
        return False
    if not _open_to(user, project):
        return False
    return Project.objects.assigned_to(user, on=on).filter(pk=project.pk).exists()


def sees_names(user: User) -> bool:
    """Whether the cases that `visible_to` opens for this user show their households."""
    return user.is_administrator or user.role in (Role.OFFICER, Role.FINANCE)


@dataclass(frozen=True)
class CaseRights:
    """What is open to one person inside one case; the predicates below ask for a single one."""

    edit: bool
    household: bool
    complaints: bool
    reveal_name: bool
    approve_payment: bool


def rights_in(user: User, case: Case, *, on: dt.date) -> CaseRights:
    """Answer every question about a case at once, with at most one query."""
    opened = user.is_active and _open_to(user, case.project)
    works = works_on(user, case.project, on=on)
    everywhere = user.is_administrator or user.role == Role.FINANCE
    return CaseRights(
        edit=works,
        household=works or (opened and everywhere),
        complaints=works or (opened and user.role == Role.PETITIONS),
        reveal_name=opened and user.role == Role.LEADER,
        approve_payment=can_approve_payment(user, case),
    )


def importable_projects(user: User, *, on: dt.date) -> ProjectQuerySet:
    """Return the projects whose lists and surveys this person may bring in."""
    if not user.is_active or user.role != Role.OFFICER:
        return Project.objects.none()
    mine = Project.objects.filter(pk__in=Project.objects.assigned_to(user, on=on).values("pk"))
    return mine if user.cleared else mine.filter(restricted=False)


def can_reshape(user: User, parcel: Parcel, *, on: dt.date) -> bool:
    """Split and merge a living parcel: officers who work on every project that takes of it."""
    if user.role != Role.OFFICER or not user.is_active or parcel.retired_on is not None:
        return False
    taking = Project.objects.filter(
        takings__parcel=parcel, takings__withdrawn_on__isnull=True
    ).distinct()
    mine = taking.filter(pk__in=Project.objects.assigned_to(user, on=on).values("pk"))
    count = taking.count()
    return count > 0 and count == mine.count() and (user.cleared or not parcel.restricted)


def can_undo_reshaping(user: User, record: Reshaping, *, on: dt.date) -> bool:
    """Take a split or merge back: officers of every project that takes of the new parcels."""
    if user.role != Role.OFFICER or not user.is_active or record.undone_at is not None:
        return False
    formed = Parcel.objects.filter(pk__in=record.children)
    if not user.cleared and formed.filter(restricted=True).exists():
        return False
    taking = Project.objects.filter(takings__parcel__in=formed).distinct()
    mine = taking.filter(pk__in=Project.objects.assigned_to(user, on=on).values("pk"))
    count = taking.count()
    return count > 0 and count == mine.count()


def can_edit_case(user: User, case: Case, *, on: dt.date) -> bool:
    """Officers of the project update its cases; leaders ask and conclude, they don't edit."""
    return rights_in(user, case, on=on).edit


def can_change_many(user: User) -> bool:
    """Begin a bulk change: officers; which cases it may hold is Case.objects.editable_by."""
    return user.is_active and user.role == Role.OFFICER


def can_see_household(user: User, case: Case, *, on: dt.date) -> bool:
    """Names, addresses, documents: the project's officers, finance, administrators."""
    return rights_in(user, case, on=on).household


def can_read_case_files(user: User) -> bool:
    """Open the lists about case files (obstacles, talks, deliveries); rows by `visible_to`."""
    return user.is_active and (
        user.is_administrator or user.role in (Role.OFFICER, Role.FINANCE, Role.LEADER)
    )


def can_know_households(user: User) -> bool:
    """Open the lists that name households; which stand in them is Case.household_open_to."""
    return can_read_case_files(user) and user.role != Role.LEADER


def works_anywhere(user: User, *, on: dt.date) -> bool:
    """Say whether `user` is an officer with a project on that day."""
    return (
        user.role == Role.OFFICER
        and user.is_active
        and Project.objects.assigned_to(user, on=on).exists()
    )


def can_record_trainings(user: User, *, on: dt.date) -> bool:
    """Record a training of officials: officers with a project, and administrators."""
    return works_anywhere(user, on=on) or user.is_administrator


def can_write_letters(user: User) -> bool:
    """Write letters for the households one knows: officers and finance."""
    return user.is_active and user.role in (Role.OFFICER, Role.FINANCE)


def can_read_templates(user: User) -> bool:
    """See and download the templates: who writes letters, petition officers, administrators."""
    return user.is_active and (
        can_write_letters(user) or user.role == Role.PETITIONS or user.is_administrator
    )


def can_replace_templates(user: User) -> bool:
    """Put a template edited in Word in the place of the old one."""
    return user.is_administrator


def can_attach(
    user: User, target: Case | Document | Obstacle | Outreach | Complaint, *, on: dt.date
) -> bool:
    """Attach a file: officers to what is their project's, finance to cases and documents, the
    petition officer to letters (never to a denunciation)."""
    if isinstance(target, Complaint):
        return (
            target.kind != Complaint.Kind.DENUNCIATION
            and can_register_complaints(user)
            and Complaint.objects.visible_to(user, on=on).filter(pk=target.pk).exists()
        )
    if isinstance(target, Obstacle | Outreach):
        return works_on(user, target.project, on=on)
    if not user.is_active or user.role not in (Role.OFFICER, Role.FINANCE):
        return False
    households = Case.objects.household_open_to(user, on=on)
    if isinstance(target, Case):
        return households.filter(pk=target.pk).exists()
    return households.filter(
        Q(events__document=target) | Q(parties__services__document=target)
    ).exists()


def can_take_off(user: User, attachment: Attachment, *, on: dt.date) -> bool:
    """Take a file off: who attached it, while they may still see it, or an administrator."""
    return user.is_active and (user.is_administrator or attachment.added_by_id == user.pk)


def can_see_money(user: User, case: Case, *, on: dt.date) -> bool:
    """Amounts of one household: as the household itself."""
    return can_see_household(user, case, on=on)


def can_approve_payment(user: User, case: Case) -> bool:
    """Finance approves what an officer proposed; the constraint forbids approving one's own."""
    return approves_payments(user) and _open_to(user, case.project)


def approves_payments(user: User) -> bool:
    """Approve money at all: finance."""
    return user.is_active and user.role == Role.FINANCE


def can_read_ledger(user: User) -> bool:
    """Open the desk of payments; whose lines stand there is Payment.objects.visible_to."""
    return user.is_active and (user.is_administrator or user.role in (Role.FINANCE, Role.OFFICER))


def site_projects(user: User, site: Site, *, on: dt.date) -> ProjectQuerySet:
    """Return the projects that a site serves and this officer works on."""
    return importable_projects(user, on=on).filter(resettlement_sites=site)


def can_read_prices(user: User) -> bool:
    """Read the price list: those who make plans and pay, and the administrator."""
    return can_read_ledger(user)


def can_keep_prices(user: User) -> bool:
    """Prices of the province's papers are entered by the administrator."""
    return user.is_administrator


def can_run_site(user: User, site: Site, *, on: dt.date) -> bool:
    """Prepare plots and draw lots: the officers of a project that the site serves."""
    return site_projects(user, site, on=on).exists()


def sees_complaints(user: User, project: Project, *, on: dt.date) -> bool:
    """Whose land is complained about in a project: the petition officer and its officers alone."""
    opened = user.is_active and _open_to(user, project)
    return (opened and user.role == Role.PETITIONS) or works_on(user, project, on=on)


def can_see_complaints(user: User, case: Case, *, on: dt.date) -> bool:
    """A parcel's complaint: the petition officer and the case's officers alone."""
    return rights_in(user, case, on=on).complaints


def can_reveal_name(user: User, case: Case) -> bool:
    """A leader may reveal one case's name, with a reason, logged."""
    return user.is_active and user.role == Role.LEADER and _open_to(user, case.project)


def readiness_projects(user: User, *, on: dt.date) -> ProjectQuerySet:
    """Return the projects whose legal procedures this person keeps."""
    if user.is_active and user.is_administrator:
        return Project.objects.visible_to(user)
    return importable_projects(user, on=on)


def can_edit_readiness(user: User, project: Project, *, on: dt.date) -> bool:
    """Legal procedures of a project: its officers and the administrator keep them."""
    return readiness_projects(user, on=on).filter(pk=project.pk).exists()


def can_declare_hotspot(user: User) -> bool:
    """A hot spot (điểm nóng) is opened and closed by a named leader, never by a test."""
    return user.is_active and user.role == Role.LEADER


def can_follow_hotspot(user: User) -> bool:
    """Measures are recorded by the leader who concludes and the petition officer who follows."""
    return user.is_active and user.role in (Role.LEADER, Role.PETITIONS)


def can_register_complaints(user: User) -> bool:
    """Take letters in, move them, join them: the petition officer alone."""
    return user.is_active and user.role == Role.PETITIONS


def can_read_register(user: User) -> bool:
    """Open the register; which letters stand in it is Complaint.objects.visible_to."""
    return user.is_active and user.role in (Role.PETITIONS, Role.OFFICER)


def can_read_complaint_totals(user: User) -> bool:
    """Open the city's monthly table: those who read the register, and leaders."""
    return can_read_register(user) or (user.is_active and user.role == Role.LEADER)


def can_open_reviews(user: User) -> bool:
    """Read reviews, conclusions, questions, the scorecard and the reports of the city."""
    return user.is_active and (user.is_administrator or user.role in (Role.LEADER, Role.OFFICER))


def can_prepare_reviews(user: User) -> bool:
    """Call a review, put a question with its options, report progress: officers."""
    return user.is_active and user.role == Role.OFFICER


def can_conclude(user: User) -> bool:
    """Answer a question, give a directive, issue the notice: a leader, never an officer."""
    return user.is_active and user.role == Role.LEADER


def can_report_on(user: User, directive: Directive, *, on: dt.date) -> bool:
    """Say how far a conclusion has come: officers of its project; of the city's, any officer."""
    if not can_prepare_reviews(user):
        return False
    return directive.project is None or works_on(user, directive.project, on=on)


def reported_projects(user: User, *, on: dt.date) -> list[int | None]:
    """Return the projects on whose conclusions `user` reports; None stands for the city's."""
    if not can_prepare_reviews(user):
        return []
    mine = Project.objects.visible_to(user).assigned_to(user, on=on)
    return [None, *mine.values_list("pk", flat=True)]


def can_use_desk(user: User) -> bool:
    """The desk of one's own cases: officers, who have some."""
    return user.is_active and user.role == Role.OFFICER


def can_read_inquiries(user: User) -> bool:
    """Open the book of letters; which stand in it is Inquiry.objects.visible_to."""
    return user.is_active and (user.is_administrator or user.role in (Role.OFFICER, Role.LEADER))


def can_reassign_from(user: User, giver: User) -> bool:
    """An officer passes on their own cases, the administrator those of anybody."""
    return user.is_administrator or (can_use_desk(user) and user == giver)


def can_hand_back(user: User, passed: Reassignment) -> bool:
    """Either officer may give the cases back, and the administrator."""
    return user.is_administrator or (
        can_use_desk(user) and user.pk in (passed.giver_id, passed.taker_id)
    )


def keeps_funding(user: User) -> bool:
    """Record money of projects at all: finance and administrators."""
    return user.is_active and (user.role == Role.FINANCE or user.is_administrator)


def can_record_funding(user: User, project: Project) -> bool:
    """What was needed, allocated and moved of a project one may know of."""
    return keeps_funding(user) and _open_to(user, project)


def can_list_projects(user: User) -> bool:
    """Projects, their group and their time are listed by the administrator."""
    return user.is_administrator


def can_keep_plan(user: User) -> bool:
    """Versions of the city's plan are begun and decided by the administrator."""
    return user.is_administrator


def can_bring_in_targets(user: User) -> bool:
    """Bring a table of targets into a draft; of which projects says `can_set_targets`."""
    return user.is_active and (user.is_administrator or user.role == Role.OFFICER)


def can_set_targets(user: User, project: Project, *, on: dt.date) -> bool:
    """Targets of a draft: the administrator, and the officers of the project."""
    return (user.is_administrator and _open_to(user, project)) or works_on(user, project, on=on)
