from django.apps import AppConfig
from django.contrib.admin import apps as administration


class WebConfig(AppConfig):
    name = "gpmb.web"
    label = "web"
    verbose_name = "Trang web"


class AdministrationConfig(administration.AdminConfig):
    """django.contrib.admin with our site: closed to everyone but administrators."""

    default_site = "gpmb.web.admin_site.AdministratorSite"
    default = False
