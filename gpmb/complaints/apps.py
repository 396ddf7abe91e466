from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "gpmb.complaints"
    label = "complaints"
    verbose_name = "Đơn thư"
