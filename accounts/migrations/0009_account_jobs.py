"""Add the table of the jobs of accounts."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_move_answers_to_sage")]

    operations = [
        migrations.CreateModel(
            name="AccountJob",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(help_text="The kind of a registered step.", max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("in_progress", "In Progress"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "waits",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="How often the job was postponed because storage was unavailable or a disk was full.",
                    ),
                ),
                ("progress", models.FloatField(default=0)),
                (
                    "lease",
                    models.UUIDField(
                        blank=True, help_text="Identifies the claim of the worker that runs the job.", null=True
                    ),
                ),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("run_after", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "stopped_by_deletion",
                    models.BooleanField(
                        default=False,
                        help_text="Cancelled because its subject was deleted; resumes when the subject is restored.",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="The ID of the task at a provider.", max_length=200),
                ),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "after",
                    models.ForeignKey(
                        blank=True,
                        help_text="The job that must be completed first.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="accounts.accountjob",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "pk"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["pending", "in_progress"])),
                        fields=["run_after"],
                        name="accounts_accountjob_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__range", (0, 1))),
                        name="accounts_accountjob_progress_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("after", models.F("id")), _negated=True),
                        name="accounts_accountjob_waits_for_another",
                    ),
                    models.UniqueConstraint(fields=("user", "kind"), name="accounts_accountjob_one_of_a_kind"),
                ],
            },
        ),
    ]
