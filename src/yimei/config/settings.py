"""One settings file, read from the environment; every default is safe for one machine."""

import os
import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from yimei.core.database.config import database_from_url

BASE_DIR = Path(__file__).resolve().parents[3]
TESTING = "pytest" in sys.modules


def env(name: str, default: str = "") -> str:
    return os.environ.get(f"YIMEI_{name}", default)


def env_flag(name: str, default: bool) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / "var")))
FILES_DIR = VAR_DIR / "files"
KEYS_DIR = VAR_DIR / "keys"
MAIL_DIR = VAR_DIR / "mail"

DEBUG = env_flag("DEBUG", False)
DEVELOPMENT = env_flag("DEVELOPMENT", True)
"""Shows the kit page and the demo sign-ins; a real hospital sets YIMEI_DEVELOPMENT=0."""

SECRET_KEY = env("SECRET_KEY", "only-for-tests" if TESTING else "")
if not SECRET_KEY:
    from yimei.config.secrets import secret_key_from

    SECRET_KEY = secret_key_from(KEYS_DIR / "django")

ALLOWED_HOSTS = [h for h in env("HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in env("ORIGINS").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "django_q",
    "csp",
    "yimei.core",
    "yimei.vault",
    "yimei.audit",
    "yimei.hospital",
    "yimei.people",
    "yimei.privacy",
    "yimei.outbox",
    "yimei.billing",
    "yimei.stock",
    "yimei.journey",
    "yimei.growth",
    "yimei.insight",
    "yimei.ui",
    "yimei.desk",
    "yimei.portal",
    "yimei.site",
    "yimei.api",
    "yimei.hooks",
    "yimei.rehearsal",
    "yimei.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yimei.ui.middleware.RequestContextMiddleware",
    "yimei.ui.middleware.SessionLimitMiddleware",
    "yimei.ui.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "yimei.config.urls"
WSGI_APPLICATION = "yimei.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": database_from_url(DATABASE_URL, sqlite_path=VAR_DIR / "yimei.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "desk:sign-in"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = env_flag("HTTPS", False)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "yimei.ui.views.csrf_failure"
SESSION_IDLE = timedelta(minutes=int(env("SESSION_IDLE_MINUTES", "30")))
SESSION_ABSOLUTE = timedelta(hours=int(env("SESSION_ABSOLUTE_HOURS", "12")))

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
"""A photograph of a patient waits in memory, a bigger file sealed; none in clear in a temporary folder."""
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "yimei.ui.forms.uploads.SealedUploadHandler",
]

EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(MAIL_DIR)
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_TLS", False)
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "yimei@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
    },
}

Q_CLUSTER = {
    "name": "yimei",
    "orm": "default",
    "workers": int(env("WORKERS", "1")),
    "timeout": int(env("Q_TIMEOUT", "600")),
    "retry": int(env("Q_RETRY", "660")),
    "max_attempts": 5,
    "ack_failures": False,
    "poll": 0.5,
    "catch_up": False,
    "save_limit": 250,
}

PUBLIC_URL = env("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
"""What patients' links begin with."""
STOP_LINK = PUBLIC_URL + "/my/stop/{token}/"
SURVEY_LINK = PUBLIC_URL + "/my/survey/{token}/"
CENTRE_LINK = PUBLIC_URL + "/my/data/"
CENTRE_STAFF_NAMES = env("CENTRE_STAFF_NAMES", "masked")
"""How the privacy centre names the staff who looked: full, masked, or role only."""
VISIT_LINK = PUBLIC_URL + "/my/visit/{token}/"
OFFER_LINK = PUBLIC_URL + "/my/offer/{token}/"
FORM_LINK = PUBLIC_URL + "/my/forms/{token}/"
REPORT_LINK = PUBLIC_URL + "/desk/insight/reports/{report}/"
REPORT_SHARE_LINK = PUBLIC_URL + "/desk/insight/shared/{secret}/"
FEED_LINK = PUBLIC_URL + "/desk/feed/{secret}.ics"

VIEWS_URL = env("VIEWS_URL")
"""Where `yimei mart views` puts figures: a postgresql:// or mysql:// address."""
SMS_HOOK_SECRET = env("SMS_HOOK_SECRET", "")
"""What the SMS provider signs answers with; empty: no answer is taken."""

VAULT_ALGORITHM = env("VAULT_ALGORITHM", "AES-256-GCM")
"""AES-256-GCM or SM4-GCM (商用密码管理条例 第四十一条, for 密评)."""
AUDIT_CHECKPOINT = env("AUDIT_CHECKPOINT", str(VAR_DIR / "audit" / "checkpoints.jsonl"))
"""Where the nightly signed head of the log goes; a hospital names a place that the program cannot rewrite."""
AUDIT_TSA_URL = env("AUDIT_TSA_URL", "")
"""A time stamp authority (RFC 3161) beside that file; off by default, not yet tried against a real one."""
AUDIT_TSA_ROOTS = env("AUDIT_TSA_ROOTS", "")
"""PEM file with the root certificates that its tokens must lead to."""
