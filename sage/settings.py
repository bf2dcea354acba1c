"""Sage's settings, one file, read from the environment or from `.env`.

Every variable is listed with a sentence in `.env.example`. What is missing or wrong stops the start with one sentence.
"""

import hmac
import math
import os
import re
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sage import stack
from sage.limits.rates import Rate

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def _whole(name: str, default: int, most: int = 10**9) -> int:
    """A whole number from the environment, or the one sentence that says what is wrong with it."""
    try:
        value = env.int(name, default=default)
    except ValueError:
        value = 0
    if not 1 <= value <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {most}.")
    return int(value)


def _rate(name: str, default: str) -> Rate:
    """How often one may ask, from the environment, or the one sentence that says what is wrong with it."""
    try:
        return Rate.read(env.str(name, default=default))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be a number and s, m, h or d, such as 60/m for 60 a minute."
        ) from error


def _number(name: str, default: float, least: float, most: float) -> float:
    """The same for a number that need not be whole."""
    try:
        value = env.float(name, default=default)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} must be a number from {least} to {most}.")
    return float(value)


def _origins(name: str) -> list[str]:
    """Origins from the environment, or the one sentence that says what is wrong with them."""
    origins = env.list(name, default=[])
    if not all(re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/?#*@\s]+", origin) for origin in origins):
        raise ImproperlyConfigured(
            f"{name} must be origins such as https://tools.example.org, without a path, with commas between them."
        )
    return [str(origin) for origin in origins]


# --- Where this site lives -------------------------------------------------------------------------------------------

VAR_DIR = (BASE_DIR / Path(env.str("VAR_DIR", default="var")).expanduser()).resolve()
HOST = env.str("HOST", default="127.0.0.1")
PORT = _whole("PORT", 8000, most=65535)
ON_LOOPBACK = HOST in {"127.0.0.1", "::1", "localhost"}
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
TRUSTED_PROXIES = _whole("TRUSTED_PROXIES", 1, most=10)
SITE_URL = env.str("SITE_URL", default="")
PUBLIC = not ON_LOOPBACK or BEHIND_PROXY or SITE_URL.startswith("https://")
DEBUG = env.bool("DEBUG", default=False)
API_DOCS = env.bool("API_DOCS", default=DEBUG or not PUBLIC)


def _kept(name: str, make: Callable[[], str]) -> str:
    """What was made at the first start and is kept under `VAR_DIR`, for its owner's eyes only."""
    kept = VAR_DIR / name
    try:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass
    except OSError:
        return make()  # a read-only place: commands such as `compare` still work
    return kept.read_text() or make()


def _secret_key() -> str:
    """The key from the environment, or one made at the first start and kept under `VAR_DIR`."""
    if key := env.str("SECRET_KEY", default="") or env.str("SESSION_SECRET_KEY", default=""):
        return key
    if PUBLIC:
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to 50 or more random characters.")
    return _kept("secret_key", lambda: secrets.token_urlsafe(64))


def _fernet_keys() -> list[str]:
    """What secrets at rest are sealed with: the first key seals, all of them open."""
    keys = env.list("FERNET_KEYS", default=[])
    make = "`openssl rand -base64 32 | tr +/ -_` makes one"
    if not keys and PUBLIC:
        raise ImproperlyConfigured(f"FERNET_KEYS is missing. Set it to a key of 32 random bytes; {make}.")
    keys = keys or _kept("fernet_keys", lambda: Fernet.generate_key().decode()).split()
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"FERNET_KEYS must be keys of 32 random bytes each, with commas between them; {make}."
        ) from error
    return [str(key) for key in keys]


SECRET_KEY = _secret_key()
FERNET_KEYS = _fernet_keys()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if ON_LOOPBACK else [])
if not ON_LOOPBACK and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Set it to the names by which browsers reach this site.")
DEMO = env.bool("DEMO", default=True)

# --- Applications ----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "corsheaders",
    "csp",
    "sage",
    "accounts",
    "billing",
    "videos",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",  # before whatever may refuse, so that a refusal can be read
    "sage.limits.doors.count_static",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.leave_nothing_behind",
    "accounts.middleware.refresh_session",
    "sage.limits.doors.count_requests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sage.errors.problems_as_pages",
]
ROOT_URLCONF = "sage.urls"
ASGI_APPLICATION = "sage.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sage.context.face",
            ],
        },
    }
]

# --- PostgreSQL and Redis: embedded under VAR_DIR unless the environment names others ---------------------------------

EMBEDDED = stack.Embedded(
    VAR_DIR,
    postgres="DATABASE_URL" not in env,
    valkey="REDIS_URL" not in env,
)
DATABASES: dict[str, dict[str, Any]] = {
    "default": EMBEDDED.database() if EMBEDDED.postgres else env.db_url("DATABASE_URL"),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if not EMBEDDED.postgres and DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # A host that vanishes without a word is noticed while a lease still holds, not after a quarter of an hour.
    patience = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
    DATABASES["default"]["OPTIONS"] = {**patience, **DATABASES["default"].get("OPTIONS", {})}
if sys.argv[1:2] == ["web"]:  # threads come and go under ASGI; a pool keeps their connections
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 16, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = EMBEDDED.redis_url() if EMBEDDED.valkey else env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "sage.cache.ForgetfulCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sage",
        "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 5},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # A quiet socket waits in a blocking read of 5 s, which is also redis-py's time-out: give it longer.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30}], "prefix": "sage-live"},
    }
}

# --- Background work -------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = stack.celery_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "sage-celery:",
    "visibility_timeout": 3600,
    "queue_order_strategy": "priority",  # a worker's queues in the order that it names them, not in turn
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "medium"
CELERY_TASK_ROUTES = {
    **{f"videos.tasks.{name}": {"queue": "low"} for name in ("nudge_waiting", "clean", "reread", "reconcile", "sweep")},
    **{f"accounts.tasks.{name}": {"queue": "low"} for name in ("clean", "end_sessions")},
    "billing.tasks.*": {"queue": "low"},
    "accounts.tasks.check_key": {"queue": "high"},  # somebody waits for it in a browser
}
SESSION_CLEANUP_INTERVAL = _whole("SESSION_CLEANUP_INTERVAL", 600)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "nudge-waiting": {"task": "videos.tasks.nudge_waiting", "schedule": 5.0, "options": {"expires": 5}},
    "reread": {"task": "videos.tasks.reread", "schedule": 60.0, "options": {"expires": 60}},
    "clean": {"task": "videos.tasks.clean", "schedule": 600.0, "options": {"expires": 600}},
    "reconcile": {"task": "videos.tasks.reconcile", "schedule": 600.0, "options": {"expires": 600}},
    "grant-months": {"task": "billing.tasks.grant_months", "schedule": 600.0, "options": {"expires": 600}},
    "sweep": {"task": "videos.tasks.sweep", "schedule": 24 * 3600.0, "options": {"expires": 3600}},
    "clean-accounts": {"task": "accounts.tasks.clean", "schedule": 600.0, "options": {"expires": 600}},
    "end-sessions": {
        "task": "accounts.tasks.end_sessions",
        "schedule": float(SESSION_CLEANUP_INTERVAL),
        "options": {"expires": SESSION_CLEANUP_INTERVAL},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
WORKER_THREADS = _whole("WORKER_THREADS", 2)

# --- Files -----------------------------------------------------------------------------------------------------------

MEDIA_ROOT = VAR_DIR / "media"
S3_BUCKET_NAME = env.str("S3_BUCKET_NAME", default="")
S3_REGION = env.str("S3_REGION", default="")
S3_PROFILE = env.str("S3_PROFILE", default="")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
if S3_BUCKET_NAME and not (S3_REGION or S3_ENDPOINT_URL):
    raise ImproperlyConfigured("S3_REGION is missing. Set it to the region of the bucket, or set S3_ENDPOINT_URL.")
S3_ORIGIN = "{0.scheme}://{0.netloc}".format(
    urlsplit(S3_ENDPOINT_URL or f"https://{S3_BUCKET_NAME}.s3.{S3_REGION}.amazonaws.com")
)
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", default="")
SCRATCH_DIR = VAR_DIR / "scratch"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sage.static.DigestedStaticFiles"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
DELETED_KEPT_DAYS = _whole("DELETED_KEPT_DAYS", 7, most=3650)
DELETED_ACCOUNT_KEPT_DAYS = _whole("DELETED_ACCOUNT_KEPT_DAYS", 14, most=3650)
UPLOAD_LIMIT_BYTES = _whole("UPLOAD_LIMIT_GB", 50, most=900) * 1024**3  # 10,000 parts of at most 100 MB
UPLOAD_ENDINGS = {ending.strip().lower().lstrip(".") for ending in env.list("UPLOAD_ENDINGS", default=[])}

# --- Comparisons -----------------------------------------------------------------------------------------------------

COMPARISON_INTERVAL_THRESHOLD = _number("COMPARISON_INTERVAL_THRESHOLD", 0.1, least=0.01, most=0.5)

# --- Providers -------------------------------------------------------------------------------------------------------

TWELVELABS_BASE_URL = env.str("TWELVELABS_BASE_URL", default="https://api.twelvelabs.io/v1.3")
GEMINI_BASE_URL = env.str("GEMINI_BASE_URL", default="https://generativelanguage.googleapis.com")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")

# --- Accounts --------------------------------------------------------------------------------------------------------


def _google(name: str, own: str) -> str:
    """One of Google's addresses; another one only under DEBUG, since whoever answers there says who anybody is."""
    address = env.str(name, default=own)
    if address != own and not DEBUG:
        raise ImproperlyConfigured(f"{name} may name another address than Google's only under DEBUG. Leave it out.")
    return address


AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.JoinForm"
ACCOUNT_FORMS = {"add_email": "accounts.address_forms.AddressForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="none")
if EMAIL_VERIFICATION not in {"none", "optional", "mandatory"}:
    raise ImproperlyConfigured("EMAIL_VERIFICATION must be none, optional or mandatory.")
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # subjects name Sage already
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
}
SOCIALACCOUNT_ADAPTER = "accounts.google.GoogleAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # only by addresses that both sides have verified: see the adapter
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # Google has verified it
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
if bool(GOOGLE_CLIENT_ID) != bool(GOOGLE_CLIENT_SECRET):
    raise ImproperlyConfigured("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET come together. Set both, or neither.")
GOOGLE_ISSUER = _google("GOOGLE_ISSUER", "https://accounts.google.com")
GOOGLE_JWKS_URL = _google("GOOGLE_JWKS_URL", "https://www.googleapis.com/oauth2/v3/certs")
GOOGLE_AUTHORIZE_URL = _google("GOOGLE_AUTHORIZE_URL", "https://accounts.google.com/o/oauth2/v2/auth")
GOOGLE_TOKEN_URL = _google("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token")
SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "APPS": [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}] if GOOGLE_CLIENT_ID else [],
        "SCOPE": ["openid", "profile", "email"],
        "AUTH_PARAMS": {"prompt": "select_account"},
        "OAUTH_PKCE_ENABLED": True,
        "AUTHORIZE_URL": GOOGLE_AUTHORIZE_URL,
        "ACCESS_TOKEN_URL": GOOGLE_TOKEN_URL,
    }
}
MFA_ADAPTER = "accounts.second_step.SecondStep"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "accounts.forms.PasskeyForm", "edit_webauthn": "accounts.forms.PasskeyNameForm"}
MFA_TOTP_ISSUER = "Sage"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = EMAIL_VERIFICATION != "mandatory"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC  # http://localhost, which browsers take for safe
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "videos:library"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = _whole("SESSION_LIFETIME", 3600)
SESSION_REFRESH_THRESHOLD = _whole("SESSION_REFRESH_THRESHOLD", 300)

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Sage <sage@localhost>")

# --- Billing ---------------------------------------------------------------------------------------------------------

CURRENCY = env.str("CURRENCY", default="EUR")
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="billing.payment.AskOperator")
try:
    PRICES = {"analysis": 1, **{name: int(price) for name, price in env.dict("PRICES", default={}).items()}}
except ValueError as error:
    raise ImproperlyConfigured("PRICES must name operations with whole numbers, such as comparison=5.") from error

# --- Safety ----------------------------------------------------------------------------------------------------------

# Reached from beyond this machine, Sage speaks HTTPS only; on loopback it speaks plain HTTP.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PUBLIC else 0
# These two bind hosts beside this one, so that is for their owner to say.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_ALL_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^health$"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
CSRF_FAILURE_VIEW = "sage.errors.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
FILES_FROM = [S3_ORIGIN] if S3_BUCKET_NAME else []
LOG_IN_AT = ["{0.scheme}://{0.netloc}".format(urlsplit(GOOGLE_AUTHORIZE_URL))] if GOOGLE_CLIENT_ID else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:", *FILES_FROM],
        "font-src": [SELF],
        "connect-src": [SELF, *FILES_FROM],
        "form-action": [SELF, *LOG_IN_AT],  # browsers hold a form's redirects to it too
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- How often one may ask -------------------------------------------------------------------------------------------

# By user, or by address for whoever is not signed in. The wide ones only stop what no honest visitor does: an upload of
# 10,000 parts at once, a library of hundreds of cards, scrubbing over stills.
LIMITS = {
    "api": _rate("LIMIT_API", "60/m"),
    "pages": _rate("LIMIT_PAGES", "60/m"),
    "partials": _rate("LIMIT_PARTIALS", "6000/m"),
    "signing_in": _rate("LIMIT_SIGNING_IN", "10/m"),
    "conversations": _rate("LIMIT_CONVERSATIONS", "20/m"),
    "provider_keys": _rate("LIMIT_PROVIDER_KEYS", "10/m"),
    "uploads": _rate("LIMIT_UPLOADS", "100/h"),
    "parts": _rate("LIMIT_PARTS", "30000/m"),
    "media": _rate("LIMIT_MEDIA", "6000/m"),
    "stills": _rate("LIMIT_STILLS", "12000/m"),
    "static": _rate("LIMIT_STATIC", "12000/m"),
    "workers": _rate("LIMIT_WORKERS", "600/m"),
    "refused": _rate("LIMIT_REFUSED", "60/m"),
}

# --- The API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.viewer.WhoAsks"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "sage.negotiation.Whatever",
    "DEFAULT_THROTTLE_CLASSES": ["sage.limits.throttle.Throttle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sage.errors.handle_api_exception",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is what an export is asked for by
}
# Who calls from another origin says by a header who it is. Cookies are for our own pages: a page of others, listed or
# not, reads and does nothing in the name of whoever looks at it.
CORS_URLS_REGEX = r"^/v2/"
CORS_ALLOWED_ORIGINS = _origins("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    "Accept",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Range",
    "X-Guest-Session-ID",
]
CORS_EXPOSE_HEADERS = [
    "Accept-Ranges",
    "Allow",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotent-Replay",
    "Retry-After",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
]
# What signs JWTs is made from the site's key, so that neither can be mistaken for a signature of the other's.
JWT_LIFETIME = timedelta(hours=24)
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": hmac.new(SECRET_KEY.encode(), b"sage.jwt", "sha256").hexdigest(),
    "ACCESS_TOKEN_LIFETIME": JWT_LIFETIME,
}
KNOX_TOKEN_MODEL = "accounts.LongTermToken"  # noqa: S105 - a model's name
MIGRATION_MODULES = {"knox": None}  # its own would make the table of the model that this one takes the place of
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "sage_"}  # no expiry: revoked instead
STREAM_SECONDS = _whole("STREAM_SECONDS", 60, most=3600)  # after which a stream of events just ends
ADMIN_TOKEN = env.str("ADMIN_TOKEN", default="")
SPECTACULAR_SETTINGS = {
    "TITLE": "Sage",
    "DESCRIPTION": "What Sage can be asked to do. Errors have one shape: `{error: {code, message, details}}`. What is "
    "counted, errors included, is answered with `X-RateLimit-Limit`, `-Remaining` and `-Reset`.",
    "VERSION": "2",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/v2",
    "COMPONENT_SPLIT_PATCH": False,  # bodies say themselves what may be left out
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sage.schema.with_common_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": f"{STATIC_URL}sage/icon.svg",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "videos.models.Job.Status",
        "VideoStatus": "videos.models.Video.Status",
        "Metric": "videos.models.Comparison.Metric",
    },
}

# --- Words, time, logs -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.channels": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        # What these say in detail of a request may hold somebody's key.
        **{name: {"level": "WARNING"} for name in ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "urllib3")},
    },
}
