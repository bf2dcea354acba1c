"""The API's addresses around accounts, below `/v2/`."""

from django.urls import path

from accounts.api import provider_keys, signing_in, tokens, users

app_name = "accounts_api"
urlpatterns = [
    path("auth/register", signing_in.Register.as_view(), name="register"),
    path("auth/login", signing_in.Login.as_view(), name="login"),
    path("auth/google", signing_in.Google.as_view(), name="google"),
    path("auth/status", signing_in.Status.as_view(), name="status"),
    path("auth/tokens", tokens.Tokens.as_view(), name="tokens"),
    path("auth/tokens/<uuid:token_id>", tokens.OneToken.as_view(), name="token"),
    path("users/me", users.Me.as_view(), name="me"),
    path("provider-keys/<provider:provider>", provider_keys.OneProviderKey.as_view(), name="provider-key"),
]
