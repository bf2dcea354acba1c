from typing import Any

from django.db import migrations, models

FEW, MANY = 20, 100  # unfinished uploads of an account on the free plan, and on the other plans
LARGEST = 2**31 - 1  # that the column holds
FILES = 2  # the unfinished uploads may announce as much as two files of the largest size


def limit_open_uploads(apps: Any, schema_editor: Any) -> None:
    """Derive the limits of existing plans, also of those that operators have edited."""
    for tier in apps.get_model("billing", "Tier").objects.all():
        tier.open_uploads = FEW if tier.key == "free" else MANY
        tier.open_upload_gb = min(FILES * tier.upload_limit_gb, LARGEST)
        tier.save(update_fields=["open_uploads", "open_upload_gb"])


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_reword_labels"),
    ]

    operations = [
        migrations.AddField(
            model_name="tier",
            name="open_uploads",
            field=models.PositiveIntegerField(default=20, help_text="Per account.", verbose_name="unfinished uploads"),
        ),
        migrations.AddField(
            model_name="tier",
            name="open_upload_gb",
            field=models.PositiveIntegerField(
                default=10, help_text="Of all files of an account together.", verbose_name="unfinished uploads, GB"
            ),
        ),
        migrations.RunPython(limit_open_uploads, migrations.RunPython.noop),
    ]
