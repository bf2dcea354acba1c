"""Route every URL and socket of the site to its app."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import password_set
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.consumers import EventsConsumer
from accounts.signin import google
from accounts.signin.reauthentication import confirm_identity
from accounts.views.profile import picture
from chat import urls as chat_urls
from sage.api import openapi
from sage.health import health
from sage.pages import theme
from videos import urls as videos_urls
from videos.views import library

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one login form and one rate limit

urlpatterns = [
    path("", library.home, name="home"),
    path("health", health, name="health"),
    path("theme/", theme.set_theme, name="theme"),
    path("account/", include("accounts.urls")),
    path("account/plan/", include("billing.urls")),
    path("extension/", include("accounts.extension.urls")),
    path(
        "account/password/set/",
        confirm_identity("account_set_password", "GET", "POST")(password_set),
        name="account_set_password",
    ),
    path("account/", include("allauth.account.urls")),
    path("account/google/", include("allauth.socialaccount.urls")),
    path("account/google/login/", google.redirect_to_google, name="google_login"),
    path("account/google/login/callback/", google.handle_callback, name="google_callback"),
    path("account/second-step/", RedirectView.as_view(pattern_name="accounts:sign-in-methods")),  # allauth's own page
    path("account/second-step/", include("allauth.mfa.urls")),
    path("pictures/<uuid:user_id>/<slug:drawn>.jpg", picture, name="picture"),
    path(
        "admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")
    ),  # it also ends other sessions
    path("admin/", admin.site.urls),
    path("", include("videos.urls")),
    path("", include("notes.urls")),
    path("", include("chat.urls")),
    path("v2/schema/", openapi.require_api_docs(openapi.SchemaView.as_view()), name="schema"),
    path("v2/docs/", openapi.require_api_docs(openapi.DocsView.as_view(url_name="schema")), name="docs"),
    path("v2/", include("accounts.api.urls")),
    path("v2/billing/", include("billing.api.urls")),
    path("v2/", include("videos.api.urls")),
    path("v2/", include("notes.api.urls")),
    path("v2/", include("chat.api.urls")),
]
websocket_urlpatterns = [
    path("ws/events/", EventsConsumer.as_asgi()),
    *videos_urls.websocket_urlpatterns,
    *chat_urls.websocket_urlpatterns,
]

handler400 = "sage.pages.errors.bad_request"
handler403 = "sage.pages.errors.permission_denied"
handler404 = "sage.pages.errors.page_not_found"
handler500 = "sage.pages.errors.server_error"
