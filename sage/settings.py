"""Settings of Sage, read from the environment or from `.env`.

`.env.example` lists every variable. A missing or invalid value stops the start with one sentence.
"""

import hmac
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sage.environment import Environment
from sage.processes import embedded, private_folders

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env")


# --- Addresses and keys ----------------------------------------------------------------------------------------------

VAR_DIR = (BASE_DIR / Path(env.str("VAR_DIR", default="var")).expanduser()).resolve()
# Other users of the machine have no access. A reverse proxy that reads media files needs access by its group.
FOLDER_MODE = private_folders.GROUP_MAY_READ if env.bool("GROUP_ACCESS", default=False) else private_folders.OWNER_ONLY
with suppress(OSError):  # reported by the start; commands such as `compare` work on a read-only disk
    private_folders.create_folder(VAR_DIR, FOLDER_MODE)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.whole_number("PORT", 8000, most=65535)
ON_LOOPBACK = HOST in {"127.0.0.1", "::1", "localhost"}
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", 1, most=10)
SITE_URL = env.str("SITE_URL", default="")
PUBLIC = not ON_LOOPBACK or BEHIND_PROXY or SITE_URL.startswith("https://")
DEBUG = env.bool("DEBUG", default=False)
API_DOCS = env.bool("API_DOCS", default=DEBUG or not PUBLIC)
DEMO = env.bool("DEMO", default=True)

SECRET_KEY = env.secret_key(VAR_DIR, is_public=PUBLIC)
FERNET_KEYS = env.fernet_keys(VAR_DIR, is_public=PUBLIC)
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if ON_LOOPBACK else []
ALLOWED_HOSTS = env.host_names("ALLOWED_HOSTS", LOOPBACK_HOSTS, is_public=PUBLIC)

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
    "notes",
    "chat",
]
MIDDLEWARE = [
    "sage.pages.browser_policies.set_browser_policies",  # first, so that all errors have the headers
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",  # before middleware that rejects requests, so errors have CORS headers
    "sage.limits.middleware.limit_static_files",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.middleware.clear_site_data",
    "accounts.sessions.middleware.refresh_session",
    "sage.limits.middleware.limit_requests",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sage.pages.errors.handle_application_errors",
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
                "sage.pages.context_processors.site_context",
            ],
        },
    }
]

# --- PostgreSQL and Redis (embedded under VAR_DIR by default) --------------------------------------------------------

EMBEDDED = embedded.Embedded(
    VAR_DIR,
    postgres="DATABASE_URL" not in env,
    valkey="REDIS_URL" not in env,
)
DATABASES: dict[str, dict[str, Any]] = {
    "default": EMBEDDED.database() if EMBEDDED.postgres else env.db_url("DATABASE_URL"),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if not EMBEDDED.postgres and DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Detect a lost host before a job's lease expires. The kernel's default takes about 15 minutes.
    timeouts = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
    DATABASES["default"]["OPTIONS"] = {**timeouts, **DATABASES["default"].get("OPTIONS", {})}
if sys.argv[1:2] == ["web"] or "--queues=high" in sys.argv:
    # The threads of these processes outnumber the connections that PostgreSQL accepts, so connections come from a pool.
    # After an outage, replace lost connections before use, and try to connect at least every 4 seconds. psycopg doubles
    # the interval up to `reconnect_timeout`, which is 5 minutes by default.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": 16,
        "timeout": 10 if sys.argv[1:2] == ["web"] else 60,  # a worker prepares many answers one after another
        "reconnect_timeout": 10,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = EMBEDDED.redis_url() if EMBEDDED.valkey else env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "sage.cache.FailOpenCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sage",
        "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 5},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # channels_redis blocks for 5 s per read, which equals redis-py's default timeout.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30}], "prefix": "sage-live"},
    }
}

# --- Celery ----------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = embedded.celery_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "sage-celery:",
    "visibility_timeout": 3600,
    "queue_order_strategy": "priority",  # take queues in the order given to --queues, not round robin
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "medium"
SESSION_CLEANUP_INTERVAL = env.whole_number("SESSION_CLEANUP_INTERVAL", 600)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Each app declares queues and intervals beside its tasks: see sage/celery.py.
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
WORKER_THREADS = env.whole_number("WORKER_THREADS", 2)
PRIORITY_THREADS = env.whole_number("PRIORITY_THREADS", 256, most=2000)

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
    "staticfiles": {"BACKEND": "sage.pages.staticfiles.DigestedStaticFiles"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs the scripts and styles
DELETED_KEPT_DAYS = env.whole_number("DELETED_KEPT_DAYS", 7, most=3650)
DELETED_ACCOUNT_KEPT_DAYS = env.whole_number("DELETED_ACCOUNT_KEPT_DAYS", 14, most=3650)
# The default depends on the size of the disk: see sage/storage/free_space.py.
DISK_RESERVE_BYTES = env.whole_number("DISK_RESERVE_MB", 0, least=0) * 1024**2 if "DISK_RESERVE_MB" in env else None
# The maximum of 900 GB follows from S3's 10,000 parts of at most 100 MB each.
UPLOAD_LIMIT_BYTES = env.whole_number("UPLOAD_LIMIT_GB", 50, most=900) * 1024**3
UPLOAD_ENDINGS = {ending.strip().lower().lstrip(".") for ending in env.list("UPLOAD_ENDINGS", default=[])}

# --- Comparisons -----------------------------------------------------------------------------------------------------

COMPARISON_INTERVAL_THRESHOLD = env.number("COMPARISON_INTERVAL_THRESHOLD", 0.1, least=0.01, most=0.5)

# --- Text on screen --------------------------------------------------------------------------------------------------

SCREEN_TEXT = env.bool("SCREEN_TEXT", default=True)

# --- Providers -------------------------------------------------------------------------------------------------------

TWELVELABS_API_KEY = env.str("TWELVELABS_API_KEY", default="")
GEMINI_API_KEY = env.str("GEMINI_API_KEY", default="")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
TWELVELABS_BASE_URL = env.str("TWELVELABS_BASE_URL", default="https://api.twelvelabs.io/v1.3")
GEMINI_BASE_URL = env.str("GEMINI_BASE_URL", default="https://generativelanguage.googleapis.com")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")
# The engine and the model for each purpose, as "engine:model". See sage/providers/registry.py.
YOUTUBE_GATEWAY = env.str("YOUTUBE_GATEWAY", default="").rstrip("/")
TEXT_VECTOR_MODEL = env.str("TEXT_VECTOR_MODEL", default="wordllama:l2_supercat_256")
SPEECH_MODEL = env.str("SPEECH_MODEL", default="whisper:auto")
CLIP_VECTOR_MODEL = env.str("CLIP_VECTOR_MODEL", default="perceptual:sage-perceptual-1")
CLIP_VECTOR_POLL_SECONDS = env.number("CLIP_VECTOR_POLL_SECONDS", 5, least=1, most=600)
CLIP_VECTOR_DEADLINE_SECONDS = env.number("CLIP_VECTOR_DEADLINE_SECONDS", 6 * 3600, least=60, most=7 * 24 * 3600)
LOCAL_CHAT_MODEL = env.str("LOCAL_CHAT_MODEL", default="")
DEFAULT_CHAT_MODEL = f"llamacpp:{LOCAL_CHAT_MODEL}" if LOCAL_CHAT_MODEL else "extractive:quotes"
SUMMARY_MODEL = env.str("SUMMARY_MODEL", default=DEFAULT_CHAT_MODEL)
CHAT_MODEL = env.str("CHAT_MODEL", default=DEFAULT_CHAT_MODEL)
AGENT_MODEL = env.str("AGENT_MODEL", default=DEFAULT_CHAT_MODEL)
CHAT_TOOLS = env.bool("CHAT_TOOLS", default=True)
NOTE_MODEL = env.str("NOTE_MODEL", default=DEFAULT_CHAT_MODEL)

# --- Accounts --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.signin.hashers.BoundedPasswordHasher"]  # Django's default algorithm, in bounded numbers
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "accounts.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "add_email": "accounts.signin.email_forms.EmailAddressForm",
    "reset_password": "accounts.signin.password_forms.PasswordResetForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
EMAIL_VERIFICATION = env.choice("EMAIL_VERIFICATION", ["none", "optional", "mandatory"])
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before changes of email addresses and Google accounts
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # the subjects already contain "Sage"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
}
SOCIALACCOUNT_ADAPTER = "accounts.signin.google.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # the adapter accepts only addresses verified on both sides
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # Google has verified it
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
if bool(GOOGLE_CLIENT_ID) != bool(GOOGLE_CLIENT_SECRET):
    raise ImproperlyConfigured("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together. Set both or neither.")
GOOGLE_ISSUER = env.google_url("GOOGLE_ISSUER", "https://accounts.google.com", debug=DEBUG)
GOOGLE_JWKS_URL = env.google_url("GOOGLE_JWKS_URL", "https://www.googleapis.com/oauth2/v3/certs", debug=DEBUG)
GOOGLE_AUTHORIZE_URL = env.google_url(
    "GOOGLE_AUTHORIZE_URL", "https://accounts.google.com/o/oauth2/v2/auth", debug=DEBUG
)
GOOGLE_TOKEN_URL = env.google_url("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token", debug=DEBUG)
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
MFA_ADAPTER = "accounts.signin.mfa.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "accounts.forms.PasskeyForm", "edit_webauthn": "accounts.forms.PasskeyNameForm"}
MFA_TOTP_ISSUER = "Sage"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = EMAIL_VERIFICATION != "mandatory"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC  # browsers treat http://localhost as secure
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "videos:library"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

SESSION_ENGINE = "accounts.sessions.store"
SESSION_COOKIE_AGE = env.whole_number("SESSION_LIFETIME", 3600)
SESSION_REFRESH_THRESHOLD = env.whole_number("SESSION_REFRESH_THRESHOLD", 300)

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Sage <sage@localhost>")

# --- Billing ---------------------------------------------------------------------------------------------------------

CURRENCY = env.str("CURRENCY", default="EUR")
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="billing.payment.AskOperator")
PRICES = env.prices("PRICES", {"analysis": 1, "look": 1})

# --- Security --------------------------------------------------------------------------------------------------------

# A public site requires HTTPS. A site on loopback uses plain HTTP.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PUBLIC else 0
# These two also affect other hosts of the domain, so the operator decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_ALL_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", *env.list("SILENCED_CHECKS", default=[])]
SECURE_REDIRECT_EXEMPT = [r"^health$"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
CSRF_FAILURE_VIEW = "sage.pages.errors.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
MEDIA_ORIGINS = [S3_ORIGIN] if S3_BUCKET_NAME else []
LOGIN_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(GOOGLE_AUTHORIZE_URL))] if GOOGLE_CLIENT_ID else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:", *MEDIA_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, *MEDIA_ORIGINS],
        "form-action": [SELF, *LOGIN_ORIGINS],  # browsers also apply this to redirects after a form is sent
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

YOUTUBE_POLICY = {  # added on the pages of YouTube videos
    "script-src": ["https://www.youtube.com"],
    "frame-src": ["https://www.youtube-nocookie.com", "https://www.youtube.com"],
}

# --- Rate limits -----------------------------------------------------------------------------------------------------

# Rates by scope name, such as LIMIT_API=60/m. The `limits.py` of each app declares the scopes and their default rates.
LIMITS = env.rates("LIMIT_")

# --- API -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.viewer.UserAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.IsSignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "sage.api.negotiation.LenientContentNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["sage.api.throttling.ScopeThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sage.api.errors.handle_exception",
    "URL_FORMAT_OVERRIDE": None,  # exports use ?format= for the file format
}
# Callers from other origins authenticate with a header. Cookies authenticate only pages of this site, so a page of
# another origin cannot act as its visitor.
CORS_URLS_REGEX = r"^/v2/"
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
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
# Derive the JWT key from SECRET_KEY, so that neither signature is valid in place of the other.
JWT_LIFETIME = timedelta(hours=24)
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": hmac.new(SECRET_KEY.encode(), b"sage.jwt", "sha256").hexdigest(),
    "ACCESS_TOKEN_LIFETIME": JWT_LIFETIME,
}
KNOX_TOKEN_MODEL = "accounts.LongTermToken"  # noqa: S105 - a model's name
MIGRATION_MODULES = {"knox": None}  # its migrations would create the table of the replaced model
# Tokens do not expire. Users revoke them.
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "sage_"}
STREAM_SECONDS = env.whole_number("STREAM_SECONDS", 60, most=3600)  # duration of one event stream
ADMIN_TOKEN = env.admin_token(is_public=PUBLIC)
OUTSIDE_JOBS = env.choices("OUTSIDE_JOBS", ["transcript", "metadata", "ai_note", "summary"])
# The ids of uploads and of YouTube. Percent-encoded addresses of YouTube videos are accepted too.
VIDEO_ID_SCHEMA_PATTERN = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_-]{11})$"
SPECTACULAR_SETTINGS = {
    "TITLE": "Sage",
    "DESCRIPTION": "The HTTP API of Sage. Errors have one shape: `{error: {code, message, details}}`. Endpoints with "
    "a rate limit send `X-RateLimit-Limit`, `-Remaining` and `-Reset`, also with errors.",
    "VERSION": "2",
    "OAS_VERSION": "3.1.1",
    "PATH_CONVERTER_OVERRIDES": {"video": {"type": "string", "pattern": VIDEO_ID_SCHEMA_PATTERN}},
    "SCHEMA_PATH_PREFIX": "/v2",
    "COMPONENT_SPLIT_PATCH": False,  # serializers declare optional fields themselves
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sage.api.openapi.add_common_responses",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": f"{STATIC_URL}sage/icon.svg",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "videos.models.Job.Status",
        "VideoStatus": "videos.models.Video.Status",
        "Metric": "videos.models.Comparison.Metric",
        "SegmentOp": "videos.diff.script.stored.OPS",
        "TextOp": "videos.diff.script.stored.TEXT_OPS",
        "SearchResultKind": "videos.api.serializers.search.KINDS",
    },
}

# --- Language, time zone and logging ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"request_faults": {"()": "sage.pages.log_filters.RequestFaultFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_faults"]},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},  # one warning for each failed connection; `sage.outages` logs outages
        "django.channels": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "faster_whisper": {"level": "WARNING"},
        # At lower levels these libraries log requests, which may contain a provider key.
        **{
            name: {"level": "WARNING"}
            for name in ("google", "httpx", "httpx2", "httpcore", "httpcore2", "openai", "urllib3")
        },
    },
}
