"""Map the URLs of the pages of conversations."""

from django.urls import path

from chat import views
from chat.consumers import ChatConsumer

app_name = "chat"
urlpatterns = [
    path("chat/", views.conversation_list, name="list"),
    path("chat/<uuid:conversation_id>/", views.conversation_page, name="conversation"),
]
websocket_urlpatterns = [path("ws/chat/", ChatConsumer.as_asgi())]
