"""URLs of the accounts API below `/v2/`."""

from django.urls import path

from accounts.api import auth, provider_keys, tokens, users

app_name = "accounts_api"
urlpatterns = [
    path("auth/register", auth.RegisterView.as_view(), name="register"),
    path("auth/login", auth.LoginView.as_view(), name="login"),
    path("auth/google", auth.GoogleLoginView.as_view(), name="google"),
    path("auth/status", auth.AuthStatusView.as_view(), name="status"),
    path("auth/tokens", tokens.TokenListView.as_view(), name="tokens"),
    path("auth/tokens/<uuid:token_id>", tokens.TokenDetailView.as_view(), name="token"),
    path("users/me", users.CurrentUserView.as_view(), name="me"),
    path("provider-keys/<provider:provider>", provider_keys.ProviderKeyView.as_view(), name="provider-key"),
]
