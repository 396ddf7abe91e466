"""Who decides on a case's plan and recovery on a day."""

import datetime as dt
from collections.abc import Iterable

from gpmb.clearance.models import Case
from gpmb.land.models import Party
from gpmb.law.authority import Holder
from gpmb.reference.models import DecidingAuthority


def deciding_authority(case: Case, on: dt.date) -> DecidingAuthority | None:
    """Return the row of the authority for the kind of holders a case has; None if none covers it.

    A case with an organisation beside households is mixed: the province decides unless it
    delegates. Public-utility land is not recorded on a case; its rows are for the administrator.
    """
    kinds = case.parties.values_list("kind", flat=True)
    return DecidingAuthority.objects.deciding(on, kind_of_holder(kinds))


def kind_of_holder(kinds: Iterable[str]) -> Holder:
    """Return how the law of authority sees a case whose parties are of these kinds."""
    known = set(kinds)
    if Party.Kind.ORGANISATION not in known:
        return Holder.HOUSEHOLD
    return Holder.MIXED if len(known) > 1 else Holder.ORGANISATION
