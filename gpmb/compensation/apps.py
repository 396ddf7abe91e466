from django.apps import AppConfig


class CompensationConfig(AppConfig):
    name = "gpmb.compensation"
    label = "compensation"
    verbose_name = "Bồi thường, hỗ trợ"
