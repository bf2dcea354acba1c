"""Serializers of attachments."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from notes.attachments import drawings
from sage.api.fields import ListedChoiceField, StrictSerializer
from videos.api.examples import FIRST, SECOND, request_example, response_example

DRAWING = {"shapes": [{"tool": "arrow", "color": "red", "points": [[0.2, 0.3], [0.5, 0.5]]}]}
BODY = {"kind": "drawing", "drawing": DRAWING}
ATTACHMENT = {"id": FIRST, "kind": "drawing", "url": f"/v2/notes/{SECOND}/attachments/{FIRST}"}


class ShapeSerializer(serializers.Serializer[Any]):
    """A stroke of a pen, an arrow from its first to its second point, or a box between two corners."""

    tool = serializers.ChoiceField(list(drawings.TOOLS))
    color = serializers.ChoiceField(list(drawings.COLORS))
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        help_text="[x, y] as shares of the width and the height of the picture.",
    )


class DrawingSerializer(serializers.Serializer[Any]):
    """At most 200 shapes, 20,000 points and 256 kB."""

    shapes = ShapeSerializer(many=True)


@extend_schema_field(DrawingSerializer)
class DrawingField(serializers.JSONField):
    """A drawing, which `clean_drawing` checks."""


@extend_schema_serializer(component_name="AttachmentBody", examples=request_example("A drawing", BODY))
class AttachmentBodySerializer(StrictSerializer):
    kind = ListedChoiceField(["drawing", "frame"])
    drawing = DrawingField(required=False)


@extend_schema_serializer(component_name="Attachment", examples=response_example("A drawing", ATTACHMENT))
class AttachmentReadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    url = serializers.CharField(help_text="The drawing as JSON, or the frame as JPEG.")
