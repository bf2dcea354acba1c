import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0001_conversations"),
        ("videos", "0023_review_and_share_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="videos_notice_of_exactly_one",
        ),
        migrations.AddField(
            model_name="notice",
            name="conversation",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notice",
                to="chat.conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("comparison", None), ("conversation__isnull", False), ("video", None)),
                    models.Q(("comparison__isnull", False), ("conversation", None), ("video", None)),
                    models.Q(("comparison", None), ("conversation", None), ("video__isnull", False)),
                    _connector="OR",
                ),
                name="videos_notice_of_exactly_one",
            ),
        ),
    ]
