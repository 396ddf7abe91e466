from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "gpmb.papers"
    label = "papers"
    verbose_name = "Tệp đính kèm, mẫu văn bản"
