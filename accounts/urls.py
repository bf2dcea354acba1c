"""The account's own pages; signing in and passwords are allauth's, beside them."""

from django.urls import path, register_converter

from accounts import provider_key_views, token_views, views
from accounts.addresses import WhichProvider

register_converter(WhichProvider, "provider")

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("keys/", provider_key_views.keys, name="keys"),
    path("keys/<provider:provider>/", provider_key_views.save, name="save-key"),
    path("keys/<provider:provider>/check/", provider_key_views.check_again, name="check-key"),
    path("keys/<provider:provider>/remove/", provider_key_views.remove, name="remove-key"),
    path("choices/", views.choose, name="choose"),
    path("picture/", views.send_picture, name="send-picture"),
    path("signing-in/", views.signing_in, name="signing-in"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("sessions/<uuid:session_id>/", views.sign_out, name="sign-out"),
    path("tokens/", token_views.listed, name="tokens"),
    path("tokens/revoke/", token_views.revoke_all, name="revoke-tokens"),
    path("tokens/<uuid:token_id>/revoke/", token_views.revoke, name="revoke-token"),
    path("delete/", views.delete, name="delete"),
]
