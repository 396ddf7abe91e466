"""Settings, from the environment. A development machine needs none of them.

DATABASE_URL       a PostGIS of your own; without it the private cluster of gpmb.localdb serves
GPMB_PROVINCE      GSO code of the province (geo/provinces.csv); default 22, Quảng Ninh
GPMB_SECRET_KEY    required when GPMB_DEBUG=0
GPMB_DEBUG         1 (default) or 0
GPMB_HOSTS         comma-separated host names, required when GPMB_DEBUG=0
GPMB_HTTPS         1: secure cookies, HSTS, redirect (default when GPMB_DEBUG=0); 0: plain http
GPMB_MEDIA         folder of uploaded files; default media/
GPMB_LETTERS       folder of letters just written, kept a week; default .cache/letters
GPMB_UPLOAD_MB     largest file that may be attached; default 20
GPMB_SMTP_HOST     mail server of the daily digest; default none: nothing is sent
GPMB_MAIL_FROM     sender of the digest
GPMB_BASEMAP       raster tile address of the administrator's base map; without it nothing leaves
                   the host

Read elsewhere: GPMB_DB (name in the private cluster, gpmb) and GPMB_LOCALDB_MODE (unshare,
setpriv, direct) by gpmb.localdb; GPMB_BIND (127.0.0.1), GPMB_PORT (8000), GPMB_WORKERS (2) and
GPMB_THREADS (4) by gpmb.serve; GPMB_DEMO_PASSWORD by the demo.
"""

import os
from pathlib import Path

import pghistory
import pgtrigger
import pyogrio  # noqa: F401  (first: its bundled GDAL must be the one Django loads)
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured

from geo import crs
from gpmb import gdal, localdb

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("GPMB_DEBUG", "1") == "1"
DEFAULT_SECRET_KEY = "development-only-not-a-secret"  # noqa: S105  (refused when DEBUG is off)
SECRET_KEY = os.environ.get("GPMB_SECRET_KEY", DEFAULT_SECRET_KEY)
ALLOWED_HOSTS = [h for h in os.environ.get("GPMB_HOSTS", "").split(",") if h]
if DEBUG:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "testserver"]

try:
    PROVINCE = crs.province(os.environ.get("GPMB_PROVINCE", "22"))
except LookupError as unknown:
    raise ImproperlyConfigured(f"GPMB_PROVINCE: {unknown.args[0]}") from None
SRID = PROVINCE.srid

GDAL_LIBRARY_PATH, GEOS_LIBRARY_PATH = gdal.library_paths()

INSTALLED_APPS = [
    "gpmb.web.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "gpmb",
    "gpmb.accounts",
    "gpmb.reference",
    "gpmb.land",
    "gpmb.clearance",
    "gpmb.compensation",
    "gpmb.resettlement",
    "gpmb.complaints",
    "gpmb.papers",
    "gpmb.importing",
    "gpmb.analysis",
    "gpmb.reports",
    "gpmb.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gpmb.web.http.NulMiddleware",
    "gpmb.web.http.PageAboveMiddleware",
    "gpmb.web.drafts.LoginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "gpmb.web.drafts.OnceMiddleware",
]

ROOT_URLCONF = "gpmb.urls"
WSGI_APPLICATION = "gpmb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "gpmb/web/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gpmb.web.context.site",
            ],
            "builtins": ["gpmb.web.templatetags.vn"],
        },
    }
]

DATABASES = {"default": localdb.database_settings(BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["gpmb.accounts.sign_in.AuthenticationBackend"]
SESSION_ENGINE = "gpmb.accounts.sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_ADAPTER = "gpmb.accounts.adapter.ClosedAccountAdapter"
MFA_ADAPTER = "gpmb.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "GPMB"

LANGUAGE_CODE = "vi"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["gpmb.web.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".cache/static"
STATICFILES_DIRS = [("vendor", BASE_DIR / "static/vendor")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = Path(os.environ.get("GPMB_MEDIA", BASE_DIR / "media"))
# Letters just written, for a week; they hold personal data and can be written again.
LETTERS_ROOT = Path(os.environ.get("GPMB_LETTERS", BASE_DIR / ".cache/letters"))
UPLOAD_MAX_BYTES = int(os.environ.get("GPMB_UPLOAD_MB", "20")) * 1024**2
EMAIL_HOST = os.environ.get("GPMB_SMTP_HOST", "")
DEFAULT_FROM_EMAIL = os.environ.get("GPMB_MAIL_FROM", "gpmb@localhost")
BASEMAP_URL = os.environ.get("GPMB_BASEMAP", "")

# Nothing is inline without the page's nonce; MapLibre runs its worker from a blob.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "gpmb.web.views.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if not DEBUG and os.environ.get("GPMB_HTTPS", "1") == "1":
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# History of every table by statement triggers: one event a row, one trigger call a statement.
# Reading changes nothing that has a history, and needs no context with each statement.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_BASE_MODEL = "gpmb.history.HistoryEvent"
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Whoever knocks under another name gets a 400; a traceback for each would bury the rest.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
}
