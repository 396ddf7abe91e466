"""Administration pages that need more than their own app: django finds this module."""

from gpmb.web import rule_admin  # noqa: F401  (registers its pages)
