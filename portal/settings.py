"""Settings. What differs between machines is an environment variable (README, "Settings").

Safe by default and strict in production: without PORTAL_DEBUG=1 a secret key and the
host names must be given. No other module reads the environment.
"""

from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from js_asset import static_lazy
from whitenoise.compress import Compressor

from portal.accounts.oidc.config import provider_from
from portal.observing.logs import logging_settings
from portal.web.theme import hue_from

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent


def secret_key():
    """The key from PORTAL_SECRET_KEY, or the file that `make run` made on its first run."""
    if key := env("PORTAL_SECRET_KEY", default=""):
        return key
    if path := env("PORTAL_SECRET_KEY_FILE", default=""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise ImproperlyConfigured(
                f"PORTAL_SECRET_KEY_FILE cannot be read ({fault.strerror}: {path})."
            ) from None
    if DEBUG:
        return "development-only"
    raise ImproperlyConfigured(
        "Set PORTAL_SECRET_KEY or PORTAL_SECRET_KEY_FILE (or PORTAL_DEBUG=1 on your own "
        "machine); see README.md, 'Settings'."
    )


def region_hue():
    """The region's colour as a hue, given as 0–359 or as a colour like #0062ba."""
    try:
        return hue_from(env("PORTAL_HUE", default="200"))
    except ValueError:
        raise ImproperlyConfigured(
            "PORTAL_HUE is a hue, 0-359, or a colour like #0062ba."
        ) from None


def networks_from(texts):
    try:
        return [ip_network(text) for text in texts]
    except ValueError as fault:
        raise ImproperlyConfigured(f"PORTAL_METRICS_NETWORKS: {fault}") from None


DEBUG = env.bool("PORTAL_DEBUG", default=False)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env.list("PORTAL_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("PORTAL_TRUSTED_ORIGINS", default=[])

# The region that runs the site, until the site settings in the admin say otherwise. Read them
# through portal.web.site, never from here.
REGION_NAME = env("PORTAL_REGION_NAME", default="Region Exempelland")
REGION_HUE = region_hue()
LAW_URL_PATTERN = env("PORTAL_LAW_URL_PATTERN", default="https://lagen.nu/{sfs_number}")

# On which terms others may use the indicators' files (an address of a licence).
OPEN_DATA_LICENCE = env(
    "PORTAL_OPEN_DATA_LICENCE", default="http://creativecommons.org/publicdomain/zero/1.0/"
)

# Invented persons, units and figures: the pages that show them say so.
DEMO_DATA = env.bool("PORTAL_DEMO_DATA", default=True)

INSTALLED_APPS = [
    "portal.accounts",
    "portal.editing.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "django_prose_editor",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "portal.web",
    "portal.search",
    "portal.packs",
    "portal.outbox",
    "portal.audit",
    "portal.operation",
    "organisation",
    "guidance",
    "education",
    "followup",
]

MIDDLEWARE = [
    "portal.caching.page_cache.offer",
    "portal.web.middleware.compress_html",
    "portal.web.sub_path.below_a_path",
    "portal.web.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside whatever may answer in a view's stead, so that every page shown is counted.
    "guidance.page_views.count_views",
    "portal.web.middleware.search_engines",
    "portal.web.chosen_unit.forget_unknown_units",
    "portal.web.middleware.ContentPolicy",
    "portal.web.middleware.admin_policy",
    "portal.web.middleware.body_limit",
    # Inside, so that what it answers itself gets the same headers.
    "portal.web.api.answers",
    "portal.accounts.middleware.account_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Tells history who made a change.
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.second_factor_gate",
    # Innermost: an old address counts before Django tries one with a slash.
    "guidance.redirects.where_nothing_is",
    "portal.caching.shared.cache_that_answers",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.web.context.site",
            ],
            "builtins": ["portal.web.templatetags.portal"],
        },
    }
]

DATA_DIR = Path(env("PORTAL_DATA_DIR", default=str(BASE_DIR / "var")))
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins, so that two writers queue
    # instead of failing half-way; WAL lets readers go on meanwhile. Each thread's connection keeps
    # half a megabyte of the file, which the system keeps in memory for all of them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-500;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    # Seconds. A database machine that is gone must not hold a worker.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

# Sign-in (portal.accounts, addresses under /konto/). Accounts come by invitation or from the
# admin, never by sign-up, so an address is proved before allauth meets it.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_home"
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# Nobody gets a letter because a stranger wrote their address in a form.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Försäkringsmedicin: "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "reauthenticate": "portal.accounts.forms.ConfirmPasswordForm",
    "change_password": "portal.accounts.forms.NewPasswordForm",
    "reset_password": "portal.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordFromKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "portal.accounts.adapter.SecondFactorAdapter"
MFA_TOTP_TOLERANCE = 1
# The setting protects open sign-up, where a stranger could lock an address they do not own.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.SecondFactorForm",
    "reauthenticate": "portal.accounts.forms.ConfirmSecondFactorForm",
    "activate_totp": "portal.accounts.forms.ActivateAppForm",
    "login_webauthn": "portal.accounts.forms.SignInByKeyForm",
    "authenticate_webauthn": "portal.accounts.forms.SecondFactorByKeyForm",
    "reauthenticate_webauthn": "portal.accounts.forms.ConfirmByKeyForm",
    "add_webauthn": "portal.accounts.forms.AddKeyForm",
    "edit_webauthn": "portal.accounts.forms.RenameKeyForm",
}
REQUIRE_SECOND_FACTOR = env.bool("PORTAL_REQUIRE_SECOND_FACTOR", default=False)
INVITATION_DAYS = env.int("PORTAL_INVITATION_DAYS", default=7)
# A session ends with the browser, and at the latest after this time.
SESSION_COOKIE_AGE = env.int("PORTAL_SESSION_HOURS", default=12) * 3600
ACCOUNT_SESSION_REMEMBER = False

# The region's own identity provider (OpenID Connect); None: sign-in with e-mail only.
OIDC = provider_from(env)

# Counts of failed sign-ins must be shared by all workers, so memory of their own is no cache.
CACHES = {"default": env.cache_url("PORTAL_CACHE_URL", default="dbcache://portal_cache")}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    # One that hangs must not hold a worker (seconds).
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 2, "socket_timeout": 2}

# Whole pages are kept in each process's memory, at most so many megabytes of them; 0: none.
PAGE_CACHE_MB = env.int("PORTAL_PAGE_CACHE_MB", default=0 if DEBUG else 16)
# What moves when content does (portal.caching.stamp): a file, which all processes on one machine
# see, or "cache" for one that several machines share.
_DATABASE_FILE = DATABASES["default"]["NAME"] if "sqlite3" in DATABASES["default"]["ENGINE"] else ""
CONTENT_STAMP = env(
    "PORTAL_CONTENT_STAMP", default=f"{_DATABASE_FILE}-stamp" if _DATABASE_FILE else "cache"
)

for _name, _value in env.email_url("PORTAL_EMAIL_URL", default="consolemail://").items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = env("PORTAL_FROM_EMAIL", default="portalen@example.org")

# Letters about accounts are sent when the answer that queued them has left; the rest, and what
# fails, by send_outbox.
SEND_LETTERS_AT_ONCE = True
# A mail server that does not answer is not waited for longer than this.
EMAIL_TIMEOUT = 20


def site_url():
    """Where the site is, for letters that no request asked for."""
    host = ALLOWED_HOSTS[0].lstrip(".") if ALLOWED_HOSTS else "localhost"
    default = "http://localhost:8000" if host in {"localhost", "*"} else f"https://{host}"
    return env("PORTAL_SITE_URL", default=default).rstrip("/")


SITE_URL = site_url()
# Below a path of another site, "/forsakringsmedicin"; the proxy in front takes it away.
SUB_PATH = f"/{env('PORTAL_SUB_PATH', default='').strip('/')}".rstrip("/")
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SUB_PATH}/"
# How long feedback is kept after it has been handled; then `purge_feedback` deletes it.
FEEDBACK_DAYS = env.int("PORTAL_FEEDBACK_DAYS", default=730)
# How long training that a unit has asked for is kept after it was given or declined.
TRAINING_REQUEST_DAYS = env.int("PORTAL_TRAINING_REQUEST_DAYS", default=730)
# How long a name stays with an appointment that has ended; then `purge_names` takes it away.
NAME_DAYS = env.int("PORTAL_NAME_DAYS", default=730)

# How long the audit log keeps what stood in fields; that something was done stays.
AUDIT_VALUE_DAYS = env.int("PORTAL_AUDIT_VALUE_DAYS", default=730)
# Signs the log's checkpoints; the first `seal_audit` makes it. Best kept on another machine.
AUDIT_KEY_FILE = Path(env("PORTAL_AUDIT_KEY_FILE", default=str(DATA_DIR / "audit_key.pem")))

# A whole region's systems may ask from one address.
API_PER_HOUR = env.int("PORTAL_API_PER_HOUR", default=20_000)
# And searches; 0 is no limit.
SEARCHES_PER_HOUR = env.int("PORTAL_SEARCHES_PER_HOUR", default=20_000)

# How long ago a backup may have been proved to work before /halsa/drift/ turns red; 0: not watched.
REHEARSAL_DAYS = env.int("PORTAL_REHEARSAL_DAYS", default=0)

LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_I18N = True
USE_TZ = True

# A link to another website is dead when it has failed on so many days, and these hosts may be
# asked though they stand inside the region's own network (check_links).
DEAD_LINK_DAYS = env.int("PORTAL_DEAD_LINK_DAYS", default=2)
LINK_CHECK_INTERNAL_HOSTS = env.list("PORTAL_LINK_CHECK_HOSTS", default=[])
# The same for calendars of other organisers (import_calendar).
CALENDAR_INTERNAL_HOSTS = env.list("PORTAL_CALENDAR_HOSTS", default=[])

# How often each process writes down the page views that it has counted; 0 writes none.
PAGE_VIEWS_WRITTEN_SECONDS = env.int("PORTAL_PAGE_VIEWS_SECONDS", default=30)

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    # Read by the view that knows which versions are public, never by an address of its own.
    # Several machines share this folder.
    "documents": {
        "BACKEND": "guidance.storage.ChecksumStorage",
        "OPTIONS": {
            "location": env("PORTAL_DOCUMENTS_DIR", default=str(DATA_DIR / "documents")),
            "file_permissions_mode": 0o640,
        },
    },
}
# Half of the time of compressing goes into one file that only browsers' own tools ask for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
LARGEST_DOCUMENT = env.int("PORTAL_DOCUMENT_MB", default=20) * 1_000_000
# A whole request in the admin: the largest file that some form takes, and the form around it.
LARGEST_UPLOAD = max(LARGEST_DOCUMENT, 10_000_000) + 3_000_000
# And anywhere else, where no file is taken.
LARGEST_FORM = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# One constant policy on public pages: no script, nothing inline, nothing from elsewhere.
# The admin gets its own in portal.web.middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The editing box of texts. What it may produce is said in portal/richtext/sanitise.py, so
# its extensions add nothing to what the package itself would let through.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy(f"js/{script}.js")],
        "extensions": {name: lambda extension, allowed: None for name in names},
    }
    for script, names in {
        "text-editor": ["PortalTable", "PortalText"],
        "text-links": ["PortalLink"],
        "text-paste": ["PortalPaste"],
    }.items()
]

# HTTPS is one variable, so that `make run` works on a plain localhost.
HTTPS = env.bool("PORTAL_HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Only who owns the whole domain may promise for its other hosts.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("PORTAL_HSTS_WHOLE_DOMAIN", default=False)
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
BEHIND_PROXY = env.bool("PORTAL_BEHIND_PROXY", default=False)
# A proxy in front may keep pages that are everybody's for a second (docs/operation/nginx.conf).
MICROCACHE = BEHIND_PROXY
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Rate limits count readers' addresses, which the proxy tells in X-Forwarded-For.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_PROXY_COUNT", default=1)
# Browsers offer passkeys on https and on localhost only; the second is for `make run`.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Logs: text, or JSON lines for a collector (portal.observing.logs). What is answered is logged only
# when asked for.
LOG_FORMAT = env("PORTAL_LOG_FORMAT", default="text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured("PORTAL_LOG_FORMAT is text or json.")
ACCESS_LOG = env.bool("PORTAL_ACCESS_LOG", default=False)
ERROR_MAIL = env.list("PORTAL_ERROR_MAIL", default=[])
LOGGING = logging_settings(as_json=LOG_FORMAT == "json", mail=bool(ERROR_MAIL))
SENTRY_DSN = env("PORTAL_SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env("PORTAL_SENTRY_ENVIRONMENT", default="production")
if SENTRY_DSN and find_spec("sentry_sdk") is None:
    raise ImproperlyConfigured("PORTAL_SENTRY_DSN needs: pip install sentry-sdk")

# Who may read the numbers at /halsa/matvarden/; nobody when both are empty.
METRICS_NETWORKS = networks_from(env.list("PORTAL_METRICS_NETWORKS", default=[]))
METRICS_TOKEN = env("PORTAL_METRICS_TOKEN", default="")

# Where faults in the portal's security are told (/.well-known/security.txt): a mail address or
# an https address. Without one the site's contact counts.
SECURITY_CONTACT = env("PORTAL_SECURITY_CONTACT", default="")
if any(sign.isspace() for sign in SECURITY_CONTACT):
    raise ImproperlyConfigured("PORTAL_SECURITY_CONTACT is one mail or https address.")
