"""What may have a price."""

from django.db.models import TextChoices


class Operation(TextChoices):
    """Its units: seconds of video of an analysis, times of anything else."""

    ANALYSIS = "analysis", "Reading of a video"
    COMPARISON = "comparison", "Comparison"
    EXPORT = "export", "Export"
