"""The API's addresses around videos, below `/v2/`."""

from django.urls import path

from videos import api, views

app_name = "api"
urlpatterns = [
    path("uploads", api.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", api.OneUpload.as_view(), name="upload"),
    path("uploads/<uuid:upload_id>/parts", api.Parts.as_view(), name="upload-parts"),
    path("uploads/<uuid:upload_id>/parts/<int:number>", api.put_part, name="upload-part"),
    path("uploads/<uuid:upload_id>/parts/<int:number>/url", api.PartUrl.as_view(), name="upload-part-url"),
    path("uploads/<uuid:upload_id>/complete", api.Complete.as_view(), name="upload-complete"),
    path("videos/<uuid:video_id>/file", views.file, name="file"),
]
