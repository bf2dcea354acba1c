"""URLs of the API of conversations below `/v2/`."""

from django.urls import path

from chat.api import outputs, training, views

CONVERSATION = "conversations/<uuid:conversation_id>"
TRAINING_SET = "training-sets/<uuid:set_id>"
MESSAGE = f"{CONVERSATION}/messages/<uuid:message_id>"

app_name = "chat-api"
urlpatterns = [
    path("conversations", views.ConversationListView.as_view(), name="conversations"),
    path(CONVERSATION, views.ConversationView.as_view(), name="conversation"),
    path(f"{CONVERSATION}/restore", views.ConversationRestoreView.as_view(), name="restore"),
    path(f"{CONVERSATION}/export", views.ConversationExportView.as_view(), name="export"),
    path(f"{CONVERSATION}/messages", views.MessageListView.as_view(), name="messages"),
    path(f"{MESSAGE}/stream", views.MessageStreamView.as_view(), name="stream"),
    path(f"{MESSAGE}/stop", views.MessageStopView.as_view(), name="stop"),
    path(f"{MESSAGE}/regenerate", views.MessageRegenerateView.as_view(), name="regenerate"),
    path("messages", views.MessageSearchView.as_view(), name="search"),
    path("agents", outputs.AgentListView.as_view(), name="agents"),
    path("outputs", outputs.OutputListView.as_view(), name="outputs"),
    path("outputs/<uuid:output_id>", outputs.OutputView.as_view(), name="output"),
    path("training-sets", training.TrainingSetListView.as_view(), name="training-sets"),
    path(TRAINING_SET, training.TrainingSetView.as_view(), name="training-set"),
    path(f"{TRAINING_SET}/pairs", training.TrainingPairListView.as_view(), name="training-pairs"),
    path(f"{TRAINING_SET}/pairs/<uuid:pair_id>", training.TrainingPairView.as_view(), name="training-pair"),
    path(f"{TRAINING_SET}/export", training.TrainingExportView.as_view(), name="export-training-set"),
]
