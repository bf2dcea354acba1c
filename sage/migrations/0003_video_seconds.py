"""Record the seconds of video that a call to a provider processed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sage", "0002_provider_call"),
    ]

    operations = [
        migrations.AddField(
            model_name="providercall",
            name="video_seconds",
            field=models.FloatField(blank=True, null=True),
        ),
    ]
