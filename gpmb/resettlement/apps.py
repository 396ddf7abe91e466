from django.apps import AppConfig


class ResettlementConfig(AppConfig):
    name = "gpmb.resettlement"
    label = "resettlement"
    verbose_name = "Tái định cư"
