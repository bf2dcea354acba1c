"""Add the vector indexes of the hosted models of clips."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import pgvector.django.indexes
import pgvector.django.vector
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0020_youtube"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="embedding",
            index=pgvector.django.indexes.HnswIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.comparison.Cast(
                        "vector", pgvector.django.vector.VectorField(dimensions=512)
                    ),
                    name="vector_cosine_ops",
                ),
                condition=models.Q(("model", "twelvelabs:marengo3.0"), ("scope", "clip")),
                ef_construction=200,
                name="videos_clip_marengo_30",
            ),
        ),
        migrations.AddIndex(
            model_name="embedding",
            index=pgvector.django.indexes.HnswIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.comparison.Cast(
                        "vector", pgvector.django.vector.VectorField(dimensions=512)
                    ),
                    name="vector_cosine_ops",
                ),
                condition=models.Q(("model", "twelvelabs:marengo3.5"), ("scope", "clip")),
                ef_construction=200,
                name="videos_clip_marengo_35",
            ),
        ),
    ]
