"""Every address of the site, each app's below its own prefix."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts import google
from accounts.views import picture
from sage import schema, theme
from sage.health import health
from videos import urls as videos_urls
from videos.views import library

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door, one rate limit

urlpatterns = [
    path("", library.home, name="home"),
    path("health", health, name="health"),
    path("theme/", theme.choose, name="theme"),
    path("account/", include("accounts.urls")),
    path("account/plan/", include("billing.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/google/", include("allauth.socialaccount.urls")),
    path("account/google/login/", google.begin, name="google_login"),
    path("account/google/login/callback/", google.come_back, name="google_callback"),
    path("account/second-step/", RedirectView.as_view(pattern_name="accounts:signing-in")),  # where allauth's own lie
    path("account/second-step/", include("allauth.mfa.urls")),
    path("pictures/<uuid:user_id>/<slug:drawn>.jpg", picture, name="picture"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),  # which signs out
    path("admin/", admin.site.urls),
    path("", include("videos.urls")),
    path("v2/schema/", schema.shown(schema.SchemaView.as_view()), name="schema"),
    path("v2/docs/", schema.shown(schema.DocsView.as_view(url_name="schema")), name="docs"),
    path("v2/", include("accounts.api_urls")),
    path("v2/billing/", include("billing.api_urls")),
    path("v2/", include("videos.api_urls")),
]
websocket_urlpatterns = videos_urls.websocket_urlpatterns

handler400 = "sage.errors.bad_request"
handler403 = "sage.errors.permission_denied"
handler404 = "sage.errors.page_not_found"
handler500 = "sage.errors.server_error"
