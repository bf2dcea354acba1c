"""Reword help texts. The tables are unchanged."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0012_registered_kinds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="comparison",
            name="embedding_model",
            field=models.CharField(blank=True, help_text="The model whose vectors were compared.", max_length=100),
        ),
        migrations.AlterField(
            model_name="comparison",
            name="holds",
            field=models.PositiveIntegerField(default=0, editable=False, help_text="The number of token holds so far."),
        ),
        migrations.AlterField(
            model_name="comparison",
            name="metric",
            field=models.CharField(
                blank=True,
                choices=[("cosine", "Cosine"), ("euclidean", "Euclidean")],
                help_text="The distance metric of the interval mode.",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="comparison",
            name="threshold",
            field=models.FloatField(blank=True, help_text="Set by the owner. Empty for automatic.", null=True),
        ),
        migrations.AlterField(
            model_name="share",
            name="opens",
            field=models.PositiveIntegerField(default=0, help_text="Visits by others than the owner."),
        ),
        migrations.AlterField(
            model_name="upload",
            name="duration",
            field=models.FloatField(blank=True, help_text="In seconds, as declared by the client.", null=True),
        ),
        migrations.AlterField(
            model_name="upload",
            name="part_size",
            field=models.PositiveIntegerField(help_text="In bytes, of each part except the last."),
        ),
        migrations.AlterField(
            model_name="upload",
            name="parts_id",
            field=models.CharField(help_text="The ID of the multipart upload in the storage.", max_length=1024),
        ),
        migrations.AlterField(
            model_name="upload",
            name="sha256",
            field=models.CharField(blank=True, help_text="As declared by the client, in hexadecimal.", max_length=64),
        ),
        migrations.AlterField(
            model_name="upload",
            name="size",
            field=models.PositiveBigIntegerField(help_text="In bytes."),
        ),
        migrations.AlterField(
            model_name="upload",
            name="video",
            field=models.ForeignKey(
                blank=True,
                help_text="The new video, or an existing video with the same bytes.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="videos.video",
            ),
        ),
        migrations.AlterField(
            model_name="video",
            name="etag",
            field=models.CharField(blank=True, help_text="In the format of S3 multipart uploads.", max_length=60),
        ),
        migrations.AlterField(
            model_name="video",
            name="has_rendition",
            field=models.BooleanField(default=False, help_text="Whether a browser-compatible copy is stored."),
        ),
        migrations.AlterField(
            model_name="video",
            name="has_sprites",
            field=models.BooleanField(default=False, help_text="Whether sprite sheets are stored."),
        ),
        migrations.AlterField(
            model_name="video",
            name="has_waveform",
            field=models.BooleanField(default=False, help_text="Whether a waveform is stored."),
        ),
        migrations.AlterField(
            model_name="video",
            name="holds",
            field=models.PositiveIntegerField(default=0, editable=False, help_text="The number of token holds so far."),
        ),
        migrations.AlterField(
            model_name="video",
            name="metadata",
            field=models.JSONField(blank=True, default=dict, help_text="The properties that the probe found."),
        ),
        migrations.AlterField(
            model_name="video",
            name="sha256",
            field=models.CharField(blank=True, help_text="In hexadecimal, once it is known.", max_length=64),
        ),
        migrations.AlterField(
            model_name="video",
            name="size",
            field=models.PositiveBigIntegerField(help_text="In bytes."),
        ),
        migrations.AlterField(
            model_name="video",
            name="stills",
            field=models.JSONField(blank=True, default=list, help_text="The times of the stills, in seconds."),
        ),
        migrations.AlterField(
            model_name="video",
            name="storage_key",
            field=models.CharField(db_index=True, help_text="Videos with the same bytes share it.", max_length=400),
        ),
        migrations.AlterField(
            model_name="video",
            name="version",
            field=models.PositiveIntegerField(
                blank=True, help_text="The number in the version stack, from 1.", null=True
            ),
        ),
    ]
