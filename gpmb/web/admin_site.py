"""The administration site: for administrators it is there, for everyone else it does not exist."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator


class AdministratorSite(admin.AdminSite):
    site_header = "GPMB · Quản trị"
    site_title = "Quản trị GPMB"
    index_title = "Người dùng, đơn vị, danh mục và quy định"
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.is_administrator)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner: Callable[..., HttpResponse] = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return guarded

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One door for all: the program's own sign-in, with its throttling and second factor."""
        if request.user.is_authenticated:
            return redirect("admin:index" if self.has_permission(request) else "overview")
        return redirect_to_login(request.GET.get("next", "/quan-tri/"))
