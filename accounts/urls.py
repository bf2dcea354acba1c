"""URLs of the account pages. allauth serves log-in and password pages under the same prefix."""

from django.urls import path, register_converter

from accounts.converters import ProviderConverter
from accounts.views import profile, provider_keys, tokens

register_converter(ProviderConverter, "provider")

app_name = "accounts"
urlpatterns = [
    path("", profile.edit_profile, name="profile"),
    path("keys/", provider_keys.list_keys, name="keys"),
    path("keys/<provider:provider>/", provider_keys.save_key, name="save-key"),
    path("keys/<provider:provider>/check/", provider_keys.check_key, name="check-key"),
    path("keys/<provider:provider>/remove/", provider_keys.remove_key, name="remove-key"),
    path("choices/", profile.save_preferences, name="save-preferences"),
    path("picture/", profile.update_picture, name="update-picture"),
    path("signing-in/", profile.show_signin_methods, name="sign-in-methods"),
    path("signing-in/again/", profile.log_in_again, name="log-in-again"),
    path("sessions/", profile.list_sessions, name="sessions"),
    path("sessions/everywhere/", profile.sign_out_everywhere, name="sign-out-everywhere"),
    path("sessions/<uuid:session_id>/", profile.sign_out, name="sign-out"),
    path("tokens/", tokens.list_tokens, name="tokens"),
    path("tokens/revoke/", tokens.revoke_all_tokens, name="revoke-tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke_token, name="revoke-token"),
    path("delete/", profile.delete_account, name="delete"),
]
