from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "gpmb.reference"
    label = "reference"
    verbose_name = "Danh mục và quy định"
