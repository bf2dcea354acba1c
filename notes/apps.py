from django.apps import AppConfig

from notes import limits
from notes.topics import NOTES
from sage.events import register_topic
from sage.limits import body_sizes, scopes
from sage.pages import layout
from sage.pages.layout import NavigationItem


class NotesConfig(AppConfig):
    name = "notes"
    verbose_name = "Notes"

    def ready(self) -> None:
        """Register what this app adds to the site."""
        from accounts.profile import deletion  # models are importable from here on
        from notes import panel, search, writing
        from notes.attachments import frames
        from sage.jobs import registry
        from videos.panels import register_panel
        from videos.search.registry import register as register_search_kind

        register_panel(panel.PANEL)
        registry.register(frames.CUT)
        register_search_kind(search.NOTE)
        deletion.register_removal(writing.delete_notes_of)
        register_topic(NOTES)
        scopes.register(*limits.SCOPES)
        body_sizes.register(*limits.BODY_LIMITS)
        layout.add_navigation_item(NavigationItem(label="Notes", url_name="notes:list", order=30, section="/notes/"))
