"""Map the URLs of the pages of conversations."""

from django.urls import path

from chat.consumers import ChatConsumer
from chat.pages import output_views, training_views, views

app_name = "chat"
urlpatterns = [
    path("chat/", views.conversation_list, name="list"),
    path("chat/ask/", views.ask, name="begin"),
    path("chat/<uuid:conversation_id>/", views.conversation_page, name="conversation"),
    path("chat/<uuid:conversation_id>/ask/", views.ask, name="ask"),
    path("chat/<uuid:conversation_id>/change/", views.change, name="change"),
    path("chat/<uuid:conversation_id>/delete/", views.delete, name="delete"),
    path("chat/<uuid:conversation_id>/restore/", views.restore, name="restore"),
    path("chat/<uuid:conversation_id>/messages/<uuid:message_id>/stop/", views.stop, name="stop"),
    path("chat/<uuid:conversation_id>/messages/<uuid:message_id>/again/", views.regenerate, name="regenerate"),
    path("outputs/", output_views.output_list, name="outputs"),
    path("outputs/<uuid:output_id>/", output_views.output_page, name="output"),
    path("outputs/<uuid:output_id>/export/", output_views.export, name="export-output"),
    path("outputs/<uuid:output_id>/delete/", output_views.delete, name="delete-output"),
    path("outputs/<uuid:output_id>/restore/", output_views.restore, name="restore-output"),
    path("training/", training_views.training_list, name="training"),
    path("training/create/", training_views.create, name="create-training-set"),
    path("training/<uuid:set_id>/", training_views.training_page, name="training-set"),
    path("training/<uuid:set_id>/add/", training_views.add, name="add-training-pairs"),
    path("training/<uuid:set_id>/delete/", training_views.delete, name="delete-training-set"),
    path("training/<uuid:set_id>/restore/", training_views.restore, name="restore-training-set"),
    path("training/<uuid:set_id>/export/", training_views.export, name="export-training-set"),
    path("training/<uuid:set_id>/pairs/<uuid:pair_id>/", training_views.change_pair, name="training-pair"),
]
websocket_urlpatterns = [path("ws/chat/", ChatConsumer.as_asgi())]
