"""Sign-in for a closed office: accounts are made by the administrator, messages are Vietnamese."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from gpmb.accounts.models import Role

TOO_MANY = "Bạn đã thử quá nhiều lần. Hãy đợi năm phút rồi thử lại, hoặc gọi quản trị viên."


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; the page says who can help."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Tài khoản này đã ngừng dùng. Hãy liên hệ quản trị viên.",
        "enter_current_password": "Mật khẩu hiện tại chưa đúng. Hãy gõ lại.",
        "incorrect_code": "Mã xác thực chưa đúng. Hãy chờ mã mới trong ứng dụng rồi gõ lại.",
        "incorrect_password": "Mật khẩu chưa đúng. Hãy gõ lại.",
        "invalid_login": "Tên đăng nhập hoặc mật khẩu chưa đúng.",
        "username_password_mismatch": (
            "Tên đăng nhập hoặc mật khẩu chưa đúng. "
            "Hãy kiểm tra phím Caps Lock và bộ gõ tiếng Việt rồi thử lại."
        ),
        "too_many_login_attempts": TOO_MANY,
        "same_as_current": "Mật khẩu mới phải khác mật khẩu hiện tại.",
        "rate_limited": TOO_MANY,
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """An officer starts at the desk, everyone else at the overview."""
        role = getattr(request.user, "role", "")
        return reverse("desk") if role == Role.OFFICER else super().get_login_redirect_url(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Leave out allauth's own notices ("signed in as …"): the pages say what matters."""


class MfaAdapter(DefaultMFAAdapter):
    """Vietnamese messages of the second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Không tắt được xác thực hai lớp của tài khoản này.",
        "cannot_generate_recovery_codes": (
            "Hãy bật ứng dụng xác thực trước rồi mới tạo mã dự phòng."
        ),
        "incorrect_code": "Mã xác thực chưa đúng. Hãy chờ mã mới trong ứng dụng rồi gõ lại.",
    }
