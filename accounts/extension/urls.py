"""Map the URLs of the browser extension."""

from django.urls import path

from accounts.extension import views
from accounts.extension.archive import FILENAME

app_name = "extension"
urlpatterns = [
    path("", views.show_extension, name="show"),
    path(FILENAME, views.download_extension, name="download"),
]
