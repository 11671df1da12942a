"""Django's settings, derived from the deployment's own (`kernel.config`): the one list of all rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rapport.kernel.config import config
from rapport.kernel.judging_settings import entries_of

CONFIG = config()
PACKAGE = Path(__file__).resolve().parent


def database(url: str) -> dict[str, Any]:
    """Django's description of the database that `url` names."""
    parts = urlsplit(url)
    query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "rapport",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", parts.hostname or "")),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: unquote(value) for key, value in query.items()},
        "TEST": {"TEMPLATE": "template0"},
    }


def system_mail(url: str) -> dict[str, Any]:
    """Django's settings of the server for the deployment's own mail (smtp:// is STARTTLS, smtps:// TLS).

    `?security=none` sends in the clear, to a relay on the same machine.
    """
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls and "security=none" not in parts.query,
        "EMAIL_TIMEOUT": 30,
    }


SECRET_KEY = CONFIG.secret_key
DEBUG = CONFIG.debug
ALLOWED_HOSTS = [
    *entries_of(CONFIG.allowed_hosts),
    CONFIG.public_host,
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(CONFIG.public_url))]
DATABASES = {"default": database(CONFIG.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Agent"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "rapport.kernel.journal",
    "rapport.accounts",
    "rapport.customers",
    "rapport.conversations",
    "rapport.channels",
    "rapport.web",
]
MIDDLEWARE = [
    "rapport.web.kit.request_ids.RequestIdMiddleware",
    "rapport.web.kit.naming_files.NamedFilesMiddleware",
    "rapport.web.kit.csp.ContentSecurityMiddleware",
    "rapport.web.kit.compressing.CompressingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rapport.web.kit.straightening.SlashMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "rapport.web.kit.methods.MethodMiddleware",
    "rapport.web.sign_in.presuming.PresumingMiddleware",
    "rapport.web.kit.reading.ReaderMiddleware",
    "rapport.web.kit.methods.NoPageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "rapport.urls"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "rapport.web.inbox.desk.desk",
            ],
            "libraries": {
                "kit": "rapport.web.kit.tags",
                "settings": "rapport.web.settings.tags",
            },
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CSRF_FAILURE_VIEW = "rapport.web.kit.errors.expired"
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(CONFIG.files_path), "base_url": None},
    },
    "staticfiles": {"BACKEND": "rapport.web.kit.naming_files.NamedStorage"},
}
if CONFIG.s3_bucket:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CONFIG.s3_bucket,
            "endpoint_url": CONFIG.s3_endpoint or None,
            "querystring_auth": True,
            "file_overwrite": True,
        },
    }

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("zh-hant", "繁體中文"),
    ("zh-hans", "简体中文"),
    ("pl", "Polski"),
]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

AUTHENTICATION_BACKENDS = ["rapport.web.sign_in.recognising.Recogniser"]
#: Memory-hard, and a tenth of a second instead of one on a small machine.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
    )
]
#: People come in by the set-up link and by invitation; allauth's own sign-up is not routed.
ACCOUNT_ADAPTER = "rapport.web.sign_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_FORMS = {
    "login": "rapport.web.sign_in.forms.SignInForm",
    "reset_password": "rapport.web.sign_in.forms.ForgottenForm",
    "reset_password_from_key": "rapport.web.sign_in.forms.NewPasswordForm",
    "reauthenticate": "rapport.web.sign_in.forms.AgainForm",
    "change_password": "rapport.web.sign_in.forms.ChangePasswordForm",
    "set_password": "rapport.web.sign_in.forms.FirstPasswordForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(CONFIG.behind_proxy)
MFA_ADAPTER = "rapport.web.sign_in.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "rapport.web.sign_in.forms.SecondStepForm",
    "reauthenticate": "rapport.web.sign_in.forms.SecondStepAgainForm",
    "activate_totp": "rapport.web.sign_in.forms.ActivateForm",
    "add_webauthn": "rapport.web.sign_in.forms.AddKeyForm",
    "authenticate_webauthn": "rapport.web.sign_in.forms.UseKeyForm",
    "reauthenticate_webauthn": "rapport.web.sign_in.forms.UseKeyAgainForm",
}
#: Counts tries at the door for all processes together.
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS}
    if (REDIS := CONFIG.redis_url)
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        # The default of 300 would let a stranger push other people's counts out.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "/sign-in/"

SESSION_ENGINE = "rapport.web.sign_in.remembering"
SESSION_COOKIE_NAME = "rapport_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.public_url.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if CONFIG.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = CONFIG.max_mail_bytes  # providers post whole mails as form fields
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
globals().update(system_mail(CONFIG.smtp_url))
DEFAULT_FROM_EMAIL = CONFIG.mail_from
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING_CONFIG = None
