from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videos", "0006_sprites")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="waits",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often it was put off, uncounted, because a place was away or full."
            ),
        ),
    ]
