from django.apps import AppConfig


class ClearanceConfig(AppConfig):
    name = "gpmb.clearance"
    label = "clearance"
    verbose_name = "Giải phóng mặt bằng"
