from django.apps import AppConfig

from chat import limits
from chat.topics import CONVERSATIONS
from sage.events import register_topic
from sage.limits import scopes
from sage.pages import layout
from sage.pages.layout import NavigationItem


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        """Register what this app adds to the site."""
        from accounts.profile import deletion  # models are importable from here on
        from accounts.signin import guests
        from chat import conversations, search
        from chat.answering.job import ANSWER
        from chat.outputs import search as output_search
        from chat.outputs import storage
        from chat.pages import comparison_panel, panel
        from chat.training import reviewing
        from chat.training.job import DEDUPLICATE
        from sage.jobs import registry
        from videos.comparisons.reviews.panels import register_compare_panel
        from videos.panels import register_panel
        from videos.search import registry as search_registry

        registry.register(ANSWER)
        registry.register(DEDUPLICATE)
        register_panel(panel.PANEL)
        register_compare_panel(comparison_panel.PANEL)
        for kind in (*search.KINDS, output_search.KIND):
            search_registry.register(kind)
        deletion.register_removal(reviewing.delete_sets_of)
        deletion.register_removal(storage.delete_outputs_of)
        deletion.register_removal(conversations.delete_conversations_of)
        register_topic(CONVERSATIONS)
        scopes.register(*limits.SCOPES)
        guests.register_move(conversations.move_guest_conversations)
        layout.add_script("chat/begin.js")
        layout.add_navigation_item(NavigationItem(label="Ask", url_name="chat:list", order=40, section="/chat/"))
        layout.add_navigation_item(
            NavigationItem(label="Outputs", url_name="chat:outputs", order=45, section="/outputs/")
        )
