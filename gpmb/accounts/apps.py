from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "gpmb.accounts"
    label = "accounts"
    verbose_name = "Tài khoản và cơ quan"
