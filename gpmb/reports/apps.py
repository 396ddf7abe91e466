from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "gpmb.reports"
    label = "reports"
    verbose_name = "Báo cáo"
