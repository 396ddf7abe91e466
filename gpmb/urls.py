"""Every door of the program. Nothing opens without login but static files and /healthz."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from gpmb.web.views import errors

# allauth's own list also opens sign-up, e-mail and password reset: only these are mounted.
urlpatterns = [
    path("dang-nhap/", account.login, name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("tai-khoan/ngung-dung/", account.account_inactive, name="account_inactive"),
    path("tai-khoan/mat-khau/", account.password_change, name="account_change_password"),
    path("tai-khoan/xac-nhan/", account.reauthenticate, name="account_reauthenticate"),
    path("tai-khoan/hai-lop/", include("allauth.mfa.urls")),
    path("quan-tri/", admin.site.urls),
    path("", include("gpmb.web.urls")),
]

handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
handler429 = "gpmb.web.views.errors.too_many"
