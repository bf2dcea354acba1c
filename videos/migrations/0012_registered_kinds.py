"""Remove the choices of `Job.kind`, which registered steps define, and reword help texts. The table is unchanged."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videos", "0011_stopped_by_deletion")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(help_text="The kind of a registered step.", max_length=20),
        ),
        migrations.AlterField(
            model_name="job",
            name="after",
            field=models.ForeignKey(
                blank=True,
                help_text="The job that must be completed first.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="followers",
                to="videos.job",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="waits",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How often the job was postponed because storage was unavailable or a disk was full.",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="lease",
            field=models.UUIDField(
                blank=True, help_text="Identifies the claim of the worker that runs the job.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="stopped_by_deletion",
            field=models.BooleanField(
                default=False,
                help_text="Cancelled because its subject was deleted; resumes when the subject is restored.",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="external_id",
            field=models.CharField(blank=True, help_text="The ID of the task at a provider.", max_length=200),
        ),
    ]
