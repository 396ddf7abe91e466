"""The illustrative city of bin/demo: made once, with the logins it prints at every start."""

import os
from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from gpmb.accounts.models import User
from gpmb.clearance.models import Project
from gpmb.management.demo import load_base

LOGINS = tuple(login for login, *_ in load_base.LOGINS)


def make_if_missing(say: Callable[[str], None]) -> None:
    """Make the city unless there is one; the logins take GPMB_DEMO_PASSWORD either way."""
    if Project.objects.exists():
        _renew_password(os.environ["GPMB_DEMO_PASSWORD"])
        return
    say("▸ Dựng thành phố minh hoạ (khoảng một phút)")
    call_command("make_demo")
    call_command("backtest", verbosity=0)


def _renew_password(password: str) -> None:
    """Give the logins this password; hashing is slow, so one of them answers for all."""
    users = User.objects.filter(username__in=LOGINS)
    first = users.first()
    if first and not first.check_password(password):
        users.update(password=make_password(password))


def accounts() -> list[tuple[str, str]]:
    """Return (login, role's label) of the demo users, in the order of LOGINS."""
    roles = {
        user.username: user.get_role_display()
        for user in User.objects.filter(username__in=LOGINS, is_active=True)
    }
    return [(name, roles[name]) for name in LOGINS if name in roles]
