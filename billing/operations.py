"""Operations that may have a price."""

from django.db.models import TextChoices


class Operation(TextChoices):
    """An operation with a price. An analysis is priced per second of video, every other operation per call."""

    ANALYSIS = "analysis", "Video analysis"
    COMPARISON = "comparison", "Comparison"
    EXPORT = "export", "Export"
    MESSAGE = "message", "Answer"
    AI_NOTE = "ai_note", "AI note"
