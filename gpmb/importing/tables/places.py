"""What a table of the whole city hangs on, and who may fill it there.

A table of a project is filled by the officers who work on it. These are not of one project: a
row may name one. Who may paste is who may use the form of the page, by the same predicate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from gpmb import access, refs
from gpmb.accounts.models import User
from gpmb.clearance.models import PlanVersion, Project, Review
from gpmb.resettlement.models import Draw

Home = Project | Review | PlanVersion | Draw | None
"""What a table hangs on; None is the city."""


class NowhereError(LookupError):
    """What the address names isn't there for this person."""


@dataclass(frozen=True)
class Place:
    """How an address names what a table hangs on, and who may fill it there."""

    find: Callable[[str, User], Home]
    """Raises `NowhereError`."""
    may: Callable[[User, Home, dt.date], bool]

    def open_to(self, user: User, of: str, *, on: dt.date) -> Home:
        """Return what `of` names for someone who may fill it; else raise `NowhereError`."""
        home = self.find(of, user)
        if not self.may(user, home, on):
            raise NowhereError(of)
        return home


def _the_city(of: str, user: User) -> None:
    return None


def _project(of: str, user: User) -> Project | None:
    """A project by its code; no code is the city, whose rows each name one."""
    if not of:
        return None
    found = Project.objects.visible_to(user).filter(code=of).first()
    if found is None:
        raise NowhereError(of)
    return found


def _review(of: str, user: User) -> Review:
    try:
        return Review.objects.get(ref=refs.decode(of))
    except (ValueError, Review.DoesNotExist) as error:
        raise NowhereError(of) from error


def _version(of: str, user: User) -> PlanVersion:
    try:
        return PlanVersion.objects.get(on=dt.date.fromisoformat(of))
    except (ValueError, PlanVersion.DoesNotExist) as error:
        raise NowhereError(of) from error


def _draw(of: str, user: User) -> Draw:
    try:
        return Draw.objects.select_related("site").get(ref=refs.decode(of))
    except (ValueError, Draw.DoesNotExist) as error:
        raise NowhereError(of) from error


def _draws(user: User, home: Home, on: dt.date) -> bool:
    return isinstance(home, Draw) and access.can_run_site(user, home.site, on=on)


def _funds(user: User, home: Home, on: dt.date) -> bool:
    if isinstance(home, Project):
        return access.can_record_funding(user, home)
    return access.keeps_funding(user)


LETTERS = Place(_the_city, lambda user, home, on: access.can_register_complaints(user))
TRAININGS = Place(_the_city, lambda user, home, on: access.can_record_trainings(user, on=on))
PROJECTS = Place(_the_city, lambda user, home, on: access.can_list_projects(user))
MONEY = Place(_project, _funds)
REVIEW = Place(_review, lambda user, home, on: access.can_conclude(user))
PLAN = Place(_version, lambda user, home, on: access.can_keep_plan(user))
DRAW = Place(_draw, _draws)
PRICES = Place(_the_city, lambda user, home, on: access.can_keep_prices(user))
REPORTS = Place(_the_city, lambda user, home, on: access.can_prepare_reviews(user))
