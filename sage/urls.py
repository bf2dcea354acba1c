"""Every address of the site, each app's below its own prefix."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

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
