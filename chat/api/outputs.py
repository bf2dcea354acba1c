"""Serializers and views of agents and of what they have made."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsSignedInOrGuest
from accounts.viewer import viewer_of
from chat.agents import registry
from chat.api import examples
from chat.outputs import queries, storage
from chat.outputs.models import Output
from sage.api.base import ApiView
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate
from videos.api.examples import response_example
from videos.api.serializers.search import VideoIdField


@extend_schema_serializer(component_name="AgentRead", examples=response_example("An agent", examples.AGENT))
class AgentReadSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()


class OutputErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


@extend_schema_field({"type": "object", "additionalProperties": {}})
class OutputDataField(serializers.JSONField):
    """What an output holds as data: an object, or null."""


class OutputMetadataSerializer(serializers.Serializer[Any]):
    """Facts about how an output was made. `citations` belong to the times in the content, in their order."""

    model = serializers.CharField()
    processing_seconds = serializers.FloatField()
    error = OutputErrorSerializer(allow_null=True)
    citations = serializers.ListField(child=serializers.DictField(), required=False)

    def to_representation(self, instance: Any) -> Any:
        return instance


@extend_schema_serializer(component_name="OutputRead", examples=response_example("A summary", examples.OUTPUT))
class OutputReadSerializer(serializers.Serializer[Any]):
    """Something that an agent has made. One that could not be made has the status `failed` and `metadata.error`."""

    id = serializers.UUIDField()
    video_id = serializers.SerializerMethodField()
    comparison_id = serializers.UUIDField(allow_null=True)
    conversation_id = serializers.UUIDField(allow_null=True)
    collection_id = serializers.UUIDField(allow_null=True)
    type = serializers.ChoiceField(Output.Type.choices)
    status = serializers.ChoiceField(Output.Status.choices)
    content = serializers.CharField()
    data = OutputDataField(allow_null=True)  # type: ignore[assignment]  # the name of a property of serializers
    metadata = OutputMetadataSerializer(source="describe_metadata")
    tokens_used = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    def get_video_id(self, output: Output) -> str | None:
        return output.video.video_id if output.video else None


class OutputPageSerializer(PageSerializer):
    outputs = OutputReadSerializer(many=True)


class OutputQuerySerializer(serializers.Serializer[Any]):
    video_id = VideoIdField(required=False, help_text="Only those of this video.")
    collection_id = serializers.UUIDField(required=False, help_text="Only those of this collection.")
    type = serializers.ChoiceField(Output.Type.choices, required=False)


@extend_schema_serializer(component_name="DeletedOutput", examples=response_example("Deleted", examples.OUTPUT_DELETED))
class OutputDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@extend_schema(tags=["outputs"])
class AgentListView(ApiView):
    permission_classes = [IsSignedInOrGuest]
    accepts_guests = True

    @extend_schema(operation_id="list_agents", responses={200: AgentReadSerializer(many=True), **error_responses()})
    def get(self, request: Request) -> Response:
        """List the agents that you may call in a message, by `agent` or by `@name` in its text."""
        agents = registry.list_agents(for_guest=viewer_of(request).user is None)
        return Response(AgentReadSerializer(agents, many=True).data)


@extend_schema(tags=["outputs"])
class OutputListView(ApiView):
    permission_classes = [IsSignedInOrGuest]
    accepts_guests = True

    @extend_schema(
        operation_id="list_outputs",
        parameters=[OutputQuerySerializer, PageQuerySerializer],
        responses={200: OutputPageSerializer, **error_responses(404, 422)},
    )
    def get(self, request: Request) -> Response:
        """List what agents have made for you, newest first. 404 if the video or the collection is not yours."""
        query = OutputQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        rows = queries.list_outputs(viewer_of(request), **query.validated_data)
        return Response(paginate(request, "outputs", rows, OutputReadSerializer))


@extend_schema(tags=["outputs"])
class OutputView(ApiView):
    permission_classes = [IsSignedInOrGuest]
    accepts_guests = True

    @extend_schema(operation_id="read_output", responses={200: OutputReadSerializer, **error_responses(404)})
    def get(self, request: Request, output_id: uuid.UUID) -> Response:
        """Return an output."""
        return Response(OutputReadSerializer(storage.get_output(viewer_of(request), output_id)).data)

    @extend_schema(operation_id="delete_output", responses={200: OutputDeletedSerializer, **error_responses(403, 404)})
    def delete(self, request: Request, output_id: uuid.UUID) -> Response:
        """Delete an output. It is hidden immediately, and removed after some days."""
        storage.delete_output(storage.get_output(viewer_of(request), output_id))
        return Response({"message": "The output was deleted. Restore it on the page of outputs."})
