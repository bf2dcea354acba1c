"""Define the topic of conversations at `/ws/events/`."""

from sage.events import Topic

CONVERSATIONS = Topic("conversations")  # {conversation_id, message_id, status}: an answer began or ended, or a change
