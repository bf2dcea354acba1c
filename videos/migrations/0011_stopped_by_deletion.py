"""Distinguish jobs that a deletion cancelled from jobs that their owner cancelled."""

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q


def mark(apps, schema_editor):
    """Mark the jobs that were cancelled by deletions that can still be undone."""
    Job = apps.get_model("videos", "Job")
    stopped = Job.objects.filter(status="cancelled")
    deleted_a, deleted_b = (Q(**{f"comparison__video_{side}__deleted_at__isnull": False}) for side in "ab")
    of_comparisons = stopped.filter(deleted_a | deleted_b, comparison__deleted_at=None)
    of_videos = stopped.filter(video__deleted_at__isnull=False, video__status="processing")
    for jobs in (of_videos, of_comparisons):
        Job.objects.filter(pk__in=list(jobs.values_list("pk", flat=True))).update(stopped_by_deletion=True)


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0010_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="stopped_by_deletion",
            field=models.BooleanField(
                default=False, help_text="Cancelled since what it is of was deleted; goes on when that is brought back."
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="run_after",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
