from django.apps import AppConfig


class LandConfig(AppConfig):
    name = "gpmb.land"
    label = "land"
    verbose_name = "Đất đai"
