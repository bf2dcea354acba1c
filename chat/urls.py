"""Map the URLs of the pages of conversations."""

from django.urls import path

from chat import views

app_name = "chat"
urlpatterns = [
    path("chat/", views.conversation_list, name="list"),
    path("chat/<uuid:conversation_id>/", views.conversation_page, name="conversation"),
]
