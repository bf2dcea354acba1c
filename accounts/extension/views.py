"""Views that offer the browser extension."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.extension import archive


@require_safe
def show_extension(request: HttpRequest) -> HttpResponse:
    """Explain how to install the extension."""
    return render(request, "accounts/extension.html", {"folder": archive.FOLDER})


@require_safe
def download_extension(request: HttpRequest) -> HttpResponse:
    """Send the archive of the extension for this site."""
    address = (settings.SITE_URL or f"{request.scheme}://{request.get_host()}").rstrip("/")
    headers = {
        "Content-Disposition": f'attachment; filename="{archive.FILENAME}"',
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(archive.build_archive(address), content_type="application/zip", headers=headers)
