from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "gpmb.importing"
    label = "importing"
    verbose_name = "Nhập liệu"
