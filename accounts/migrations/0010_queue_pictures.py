"""Queue the rendering of pictures that were uploaded before it was a job."""

from typing import Any

from django.db import migrations


def queue_pictures(apps: Any, schema_editor: Any) -> None:
    user, account_job = apps.get_model("accounts", "User"), apps.get_model("accounts", "AccountJob")
    waiting = user.objects.exclude(picture_sent="").values_list("pk", flat=True)
    account_job.objects.bulk_create([account_job(user_id=pk, kind="avatar") for pk in waiting])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_account_jobs")]

    operations = [migrations.RunPython(queue_pictures, migrations.RunPython.noop)]
