"""Store responses encrypted. Unencrypted rows are deleted; they would have expired within a day."""

from django.db import migrations, models


def drop(apps, schema_editor):
    apps.get_model("accounts", "Answer").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_provider_keys"),
    ]

    operations = [
        migrations.RunPython(drop, drop),
        migrations.RemoveField(model_name="answer", name="body"),
        migrations.AddField(
            model_name="answer", name="sealed", field=models.TextField(blank=True, default="", editable=False)
        ),
    ]
