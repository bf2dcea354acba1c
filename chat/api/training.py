"""Serializers and views of training sets."""

import re
import uuid
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewer import viewer_of
from chat.api import examples
from chat.training import collecting, exports, reviewing
from chat.training.models import (
    MAX_PAIR_LENGTH,
    MAX_SET_TITLE_LENGTH,
    TrainingJob,
    TrainingPair,
    TrainingSet,
)
from sage.api.base import ApiView
from sage.api.fields import JsonStringField, ListedChoiceField, StrictSerializer
from sage.api.openapi import error_responses
from sage.api.pagination import PageQuerySerializer, PageSerializer, paginate
from sage.errors import BadRequest
from videos.api.examples import request_example, response_example
from videos.api.serializers.search import VideoIdField

MAX_SOURCES = 100  # outputs, and videos, in one request
MATCHES = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The `version` that you read, in quotes."
)
VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?', re.ASCII)


@extend_schema_serializer(component_name="TrainingSetRead", examples=response_example("A set", examples.TRAINING_SET))
class TrainingSetReadSerializer(serializers.Serializer[Any]):
    """`deduplication` is the status of the job that marks near duplicates, null if the set never had a pair."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    pair_count = serializers.IntegerField()
    accepted_count = serializers.IntegerField()
    deduplication = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(TrainingJob.Status.choices, allow_null=True))
    def get_deduplication(self, training_set: TrainingSet) -> str | None:
        job = getattr(training_set, "job", None)
        return job.status if job else None


class TrainingSetPageSerializer(PageSerializer):
    training_sets = TrainingSetReadSerializer(many=True)


@extend_schema_serializer(
    component_name="TrainingSetBody", examples=request_example("Of a video", examples.TRAINING_BODY)
)
class TrainingSetBodySerializer(StrictSerializer):
    """The sources of a set: all training data of outputs, videos and a collection. Without any, it is empty."""

    title = JsonStringField(max_length=MAX_SET_TITLE_LENGTH)
    output_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MAX_SOURCES)
    video_ids = serializers.ListField(child=VideoIdField(), required=False, max_length=MAX_SOURCES)
    collection_id = serializers.UUIDField(required=False, allow_null=True)


@extend_schema_serializer(
    component_name="TrainingPairRead", examples=response_example("A pair", examples.TRAINING_PAIR)
)
class TrainingPairReadSerializer(serializers.Serializer[Any]):
    """An input and the output to learn. Times are seconds of the video. `duplicate_of` is the pair that it repeats."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    video_id = serializers.SerializerMethodField()
    input = serializers.CharField()
    output = serializers.CharField(source="output_text")
    type = serializers.CharField()
    language = serializers.CharField()
    start = serializers.FloatField(allow_null=True)
    end = serializers.FloatField(allow_null=True)
    model = serializers.CharField()
    status = serializers.ChoiceField(TrainingPair.Status.choices)
    duplicate_of = serializers.UUIDField(source="duplicate_of_id", allow_null=True)
    is_edited = serializers.BooleanField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()

    def get_video_id(self, pair: TrainingPair) -> str | None:
        return pair.video.video_id if pair.video else None


class TrainingPairPageSerializer(PageSerializer):
    pairs = TrainingPairReadSerializer(many=True)


class TrainingPairQuerySerializer(serializers.Serializer[Any]):
    status = ListedChoiceField(TrainingPair.Status.choices, required=False)


@extend_schema_serializer(
    component_name="TrainingPairChange", examples=request_example("Accept it", examples.TRAINING_CHANGE)
)
class TrainingPairChangeSerializer(StrictSerializer):
    status = ListedChoiceField(
        [choice for choice in TrainingPair.Status.choices if choice[0] != TrainingPair.Status.DUPLICATE],
        required=False,
    )
    input = JsonStringField(required=False, max_length=MAX_PAIR_LENGTH)
    output = JsonStringField(required=False, max_length=MAX_PAIR_LENGTH, source="output_text")


@extend_schema_serializer(
    component_name="DeletedTrainingSet", examples=response_example("Deleted", examples.TRAINING_DELETED)
)
class TrainingSetDeletedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@extend_schema(tags=["training sets"])
class TrainingSetListView(ApiView):
    @extend_schema(
        operation_id="list_training_sets",
        parameters=[PageQuerySerializer],
        responses={200: TrainingSetPageSerializer, **error_responses(422)},
    )
    def get(self, request: Request) -> Response:
        """List your training sets, newest first."""
        rows = TrainingSet.objects.owned_by(viewer_of(request)).with_counts().select_related("job")
        return Response(paginate(request, "training_sets", rows, TrainingSetReadSerializer))

    @extend_schema(
        operation_id="create_training_set",
        request=TrainingSetBodySerializer,
        responses={201: TrainingSetReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Create a training set. 400 if sources are given and none has training data, 404 if one is not yours."""
        body = TrainingSetBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        viewer = viewer_of(request)
        created = collecting.create_set(viewer, **body.validated_data)
        return Response(TrainingSetReadSerializer(reviewing.get_set(viewer, created.pk)).data, status=201)


@extend_schema(tags=["training sets"])
class TrainingSetView(ApiView):
    @extend_schema(operation_id="read_training_set", responses={200: TrainingSetReadSerializer, **error_responses(404)})
    def get(self, request: Request, set_id: uuid.UUID) -> Response:
        """Return a training set."""
        return Response(TrainingSetReadSerializer(reviewing.get_set(viewer_of(request), set_id)).data)

    @extend_schema(
        operation_id="delete_training_set",
        responses={200: TrainingSetDeletedSerializer, **error_responses(403, 404)},
    )
    def delete(self, request: Request, set_id: uuid.UUID) -> Response:
        """Delete a training set. It is hidden immediately, and removed after some days."""
        reviewing.delete_set(reviewing.get_set(viewer_of(request), set_id))
        return Response({"message": "The training set was deleted. Restore it on the page of training sets."})


@extend_schema(tags=["training sets"])
class TrainingPairListView(ApiView):
    @extend_schema(
        operation_id="list_training_pairs",
        parameters=[TrainingPairQuerySerializer, PageQuerySerializer],
        responses={200: TrainingPairPageSerializer, **error_responses(404, 422)},
    )
    def get(self, request: Request, set_id: uuid.UUID) -> Response:
        """List the pairs of a training set. A pair comes before its duplicates."""
        query = TrainingPairQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        rows = TrainingPair.objects.filter(set=reviewing.get_set(viewer_of(request), set_id), **query.validated_data)
        return Response(paginate(request, "pairs", rows.with_subjects().in_groups(), TrainingPairReadSerializer))


@extend_schema(tags=["training sets"])
class TrainingPairView(ApiView):
    @extend_schema(
        operation_id="change_training_pair",
        request=TrainingPairChangeSerializer,
        parameters=[MATCHES],
        responses={200: TrainingPairReadSerializer, **error_responses(400, 403, 404, 409, 415, 422)},
    )
    def patch(self, request: Request, set_id: uuid.UUID, pair_id: uuid.UUID) -> Response:
        """Review or edit a pair. 400 if the body has no key, 409 if the pair was changed since `If-Match`."""
        body = TrainingPairChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        viewer = viewer_of(request)
        pair = reviewing.get_pair(viewer, set_id, pair_id)
        if not body.validated_data:
            raise BadRequest(f"Give at least one of {', '.join(body.fields)}. The pair was not changed.")
        reviewing.change_pair(pair, body.validated_data, _read_version(request))
        return Response(TrainingPairReadSerializer(reviewing.get_pair(viewer, set_id, pair_id)).data)


@extend_schema(tags=["training sets"])
class TrainingExportView(ApiView):
    @extend_schema(
        operation_id="export_training_set",
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.ANY, description="JSON lines, as a download."),
            **error_responses(404),
        },
    )
    def get(self, request: Request, set_id: uuid.UUID) -> StreamingHttpResponse:
        """Export the accepted pairs for fine-tuning, one `{input, output, metadata}` in each line.

        Personal data is removed again. `metadata` has the video, the times, the type, the language and the model.
        """
        return exports.export_pairs(reviewing.get_set(viewer_of(request), set_id))


def _read_version(request: Request) -> int | None:
    """Return the version in `If-Match`. None if the request has none, or takes any."""
    tag = request.headers.get("If-Match", "*").strip()
    if tag == "*":
        return None
    if not (match := VERSION.fullmatch(tag)):
        raise BadRequest("Send the “version” of the pair in quotes as “If-Match”.")
    return int(match[1])
