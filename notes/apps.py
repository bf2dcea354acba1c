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
        from notes.ai.job import AI_NOTE, TASK_TYPE
        from notes.ai.queueing import write_waiting_notes
        from notes.attachments import frames
        from notes.carrying.carry import carry_compared_notes
        from notes.carrying.keeping import keep_carried_notes
        from notes.comparisons import page as comparison_page
        from sage.jobs import outside, registry
        from sage.jobs import registry as jobs
        from videos.comparisons.results import register_result_listener
        from videos.comparisons.reviews.annotations import register_note_source
        from videos.comparisons.reviews.panels import register_compare_panel
        from videos.library.purge import register_purge_listener
        from videos.panels import register_panel
        from videos.search.registry import register as register_search_kind
        from videos.transcripts.signals import transcript_stored
        from videos.youtube.helper import HelperTask, register_task

        jobs.register(AI_NOTE)
        outside.register(TASK_TYPE)
        register_task(HelperTask("ai_note", "text", "notes.ai.helping:write_line"))
        transcript_stored.connect(write_waiting_notes, dispatch_uid="notes-ai")
        register_panel(panel.PANEL)
        register_compare_panel(comparison_page.PANEL)
        register_note_source(comparison_page.load_shown_notes)
        registry.register(frames.CUT)
        register_search_kind(search.NOTE)
        register_purge_listener(keep_carried_notes)
        register_result_listener(carry_compared_notes)
        deletion.register_removal(writing.delete_notes_of)
        register_topic(NOTES)
        scopes.register(*limits.SCOPES)
        body_sizes.register(*limits.BODY_LIMITS)
        layout.add_navigation_item(NavigationItem(label="Notes", url_name="notes:list", order=30, section="/notes/"))
