"""Who decides on a case's plan and recovery on a day."""

import datetime as dt

from gpmb.clearance.models import Case
from gpmb.land.models import Party
from gpmb.law.authority import Holder
from gpmb.reference.models import DecidingAuthority


def deciding_authority(case: Case, on: dt.date) -> DecidingAuthority | None:
    """Return the row of the authority for the kind of holders a case has; None if none covers it.

    A case with an organisation beside households is mixed: the province decides unless it
    delegates. Public-utility land is not recorded on a case; its rows are for the administrator.
    """
    kinds = set(case.parties.values_list("kind", flat=True))
    organisation = Party.Kind.ORGANISATION in kinds
    holder = Holder.HOUSEHOLD
    if organisation:
        holder = Holder.MIXED if len(kinds) > 1 else Holder.ORGANISATION
    return DecidingAuthority.objects.deciding(on, holder)
