"""Signing in: throttled, with a second factor for those who turn it on, in Vietnamese."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from gpmb.accounts.models import User
from gpmb.accounts.sign_in import AuthenticationBackend
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits(today):
    cache.clear()


def sign_in(client, username, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": username, "password": password} | extra)


def code_of(secret):
    return totp.format_hotp_value(
        totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
    )


def test_the_sixth_wrong_password_is_not_even_tried(client):
    UserFactory(username="canbo")
    for _ in range(5):
        assert "chưa đúng" in sign_in(client, "canbo", "sai").content.decode()
    answer = sign_in(client, "canbo")
    assert "quá nhiều lần" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_user_made_inactive_does_not_get_in(client):
    UserFactory(username="nghihuu", is_active=False)
    sign_in(client, "nghihuu")
    assert "_auth_user_id" not in client.session


def test_a_user_made_inactive_is_out_at_the_next_page(client):
    user = UserFactory(username="nghihuu")
    client.force_login(user)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/")["Location"].startswith(reverse("account_login"))


def test_a_session_past_its_time_or_ended_elsewhere_is_none(client):
    client.force_login(UserFactory(username="canbo"))
    assert client.get("/").status_code == 200
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/")["Location"].startswith(reverse("account_login"))
    Session.objects.all().delete()
    assert client.get("/")["Location"].startswith(reverse("account_login"))


def test_the_person_of_a_session_is_the_row_as_the_orm_reads_it():
    user = UserFactory(username="canbo", cleared=True, display_name="Cán bộ A")
    known = AuthenticationBackend().get_user(user.pk)
    assert known == user
    assert {f.attname: getattr(known, f.attname) for f in User._meta.concrete_fields} == (
        User.objects.filter(pk=user.pk).values().get()
    )
    assert AuthenticationBackend().get_user(0) is None


def test_the_sign_in_leads_only_within_the_program(client):
    UserFactory(username="canbo")
    answer = sign_in(client, "canbo", next="https://elsewhere.example/")
    assert answer["Location"] == reverse("desk")


def test_a_password_is_changed_and_the_session_stays(client):
    user = UserFactory(username="canbo")
    client.force_login(user)
    page = reverse("account_change_password")
    assert "Đổi mật khẩu" in client.get(page).content.decode()
    new = "mot-mat-khau-moi-2024"
    client.post(page, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert client.get("/").status_code == 200


def test_a_wrong_old_password_changes_nothing(client):
    user = UserFactory()
    client.force_login(user)
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": "sai", "password1": "abcdefgh-2024", "password2": "abcdefgh-2024"},
    )
    assert "Mật khẩu hiện tại chưa đúng" in answer.content.decode()
    assert user.check_password(PASSWORD)


def test_a_second_factor_once_on_is_asked_at_every_sign_in(client):
    user = UserFactory(username="canbo")
    sign_in(client, "canbo")
    asked = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "hãy gõ lại mật khẩu" in asked.content.decode()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    assert "Quét mã này" in page.content.decode()
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name)).status_code == 200

    client.post(reverse("account_logout"))
    answer = sign_in(client, "canbo")
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    asked = client.get(answer["Location"])
    assert "Gõ mã 6 số" in asked.content.decode()
    refused = client.post(answer["Location"], {"code": "000000"})
    assert "Mã xác thực chưa đúng" in refused.content.decode()
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap()
    client.post(answer["Location"], {"code": recovery.get_unused_codes()[0]})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_administrator_helps_someone_who_lost_their_phone(client):
    user = UserFactory()
    Authenticator.objects.create(user=user, type="totp", data={})
    client.force_login(UserFactory(administrator=True))
    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "forget_second_factor", "_selected_action": [user.pk]},
    )
    assert not Authenticator.objects.filter(user=user).exists()


def test_the_administrator_adds_a_user_who_can_sign_in(client):
    client.force_login(UserFactory(administrator=True))
    answer = client.post(
        reverse("admin:accounts_user_add"),
        {
            "username": "nguoimoi",
            "display_name": "Người Mới",
            "role": "officer",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "assignment_set-TOTAL_FORMS": "0",
            "assignment_set-INITIAL_FORMS": "0",
        },
    )
    assert answer.status_code == 302
    client.logout()
    assert sign_in(client, "nguoimoi")["Location"] == reverse("desk")


@pytest.mark.parametrize("path", ["/", "/dang-nhap/", "/khong-co/"])
def test_every_page_forbids_what_is_not_ours(client, path):
    client.force_login(UserFactory())
    policy = client.get(path)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_a_missing_page_says_where_to_look(client):
    client.force_login(UserFactory())
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.content.decode()


def test_a_form_kept_open_over_a_new_login_says_what_to_do(today):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    answer = client.post("/dang-nhap/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "Trang đã để quá lâu" in answer.content.decode()
