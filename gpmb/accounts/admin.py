"""Users, organisations, assignments; and what every page of the administration shares."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from gpmb.accounts.models import Assignment, Organisation, User


class ByRole:
    """Open by the user's role: the program has one right to administer, not a table of them."""

    may_delete = True

    def _administers(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.is_administrator)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._administers(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._administers(request)


class Page(ByRole, admin.ModelAdmin):  # type: ignore[type-arg]
    """A table of the administration."""

    list_per_page = 50


class Rows(ByRole, admin.TabularInline):  # type: ignore[type-arg]
    """Rows that belong to the object of the page."""

    extra = 0


class AssignmentRows(Rows):
    model = Assignment
    autocomplete_fields = ["project"]


# Sign-in is by user name and the program's own roles: these tables would only mislead.
for unused in (Group, EmailAddress, Authenticator):
    admin.site.unregister(unused)


@admin.register(User)
class UserPage(ByRole, UserAdmin):  # type: ignore[type-arg]
    """Someone who leaves is made inactive: their name stays beside what they did."""

    may_delete = False
    list_display = ["username", "display_name", "role", "organisation", "cleared", "is_active"]
    list_filter = ["role", "is_active", "cleared"]
    search_fields = ["username", "display_name"]
    list_select_related = ["organisation"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password", "display_name", "email"]}),
        ("Quyền", {"fields": ["role", "organisation", "cleared", "is_active"]}),
        ("Lần đăng nhập", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "username",
                    "display_name",
                    "role",
                    "organisation",
                    "usable_password",
                    "password1",
                    "password2",
                ],
            },
        )
    ]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [AssignmentRows]
    actions = ["forget_second_factor"]

    @admin.action(description="Tắt xác thực hai lớp (người dùng mất điện thoại)")
    def forget_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        Authenticator.objects.filter(user__in=users).delete()
        self.message_user(
            request, "Đã tắt xác thực hai lớp; họ đăng nhập bằng mật khẩu rồi bật lại."
        )


@admin.register(Organisation)
class OrganisationPage(Page):
    list_display = ["name", "short_name", "kind"]
    list_filter = ["kind"]
    search_fields = ["name", "short_name"]
