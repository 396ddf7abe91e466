from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "gpmb.analysis"
    label = "analysis"
    verbose_name = "Phân tích"
