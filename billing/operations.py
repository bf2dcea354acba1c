"""Operations that may have a price."""

from django.db.models import TextChoices


class Operation(TextChoices):
    """An operation with a price. Analysing and looking at a video are priced per second, all others per call."""

    ANALYSIS = "analysis", "Video analysis"
    COMPARISON = "comparison", "Comparison"
    EXPORT = "export", "Export"
    MESSAGE = "message", "Answer"
    AI_NOTE = "ai_note", "AI note"
    AGENT = "agent", "Agent"
    LOOK = "look", "Analysis by a hosted model"
