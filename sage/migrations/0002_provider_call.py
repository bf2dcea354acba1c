"""Add the records of calls to providers."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sage", "0001_idempotent_response"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=200)),
                ("user_id", models.UUIDField(blank=True, db_index=True, null=True)),
                ("started_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("seconds", models.FloatField()),
                ("input_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("output_tokens", models.PositiveIntegerField(blank=True, null=True)),
                ("audio_seconds", models.FloatField(blank=True, null=True)),
                ("ok", models.BooleanField(verbose_name="succeeded")),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
            ],
        ),
    ]
