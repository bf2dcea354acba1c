"""Check who sends a file before the file is read."""

import re
import uuid

from django.http import HttpRequest

from accounts.viewer import AccessScope, authenticate_headers
from sage.errors import Forbidden, Unauthorized
from sage.limits.admission import AdmissionCheck, require_allowance
from sage.limits.incoming_bodies import incoming_bodies
from videos.limits import PART_BODIES, UPLOAD_FORMS, UPLOADS
from videos.uploads import reservations, transfer

PART_PATH = re.compile(r"/v2/uploads/([0-9a-f-]{36})/parts/(\d+)")


def check_part(request: HttpRequest) -> None:
    """Raise `Forbidden` if the URL of a part is not signed."""
    match = PART_PATH.fullmatch(request.path)
    try:
        upload_id, number = uuid.UUID(match[1] if match else ""), int(match[2] if match else "")
    except ValueError as error:
        raise Forbidden("The URL of this part is not signed by this site.") from error
    transfer.check_signature(upload_id, number, request.GET.get("signature", ""))


def check_upload(request: HttpRequest) -> None:
    """Check that the sender may upload a file and that the disk has space for it.

    Raises `Unauthorized`, `Forbidden`, `RateLimitExceeded` or `ServiceUnavailable`.
    """
    viewer = authenticate_headers(request)
    if viewer.user is None:
        raise Unauthorized("Sign in first. Nothing was saved.")
    if viewer.scope is not AccessScope.FULL:
        raise Forbidden("This token can only create notes.")
    require_allowance(UPLOADS, f"user:{viewer.user.pk}")
    reservations.require_space("this upload", incoming_bodies.count_bytes())  # the body of this request is counted


CHECKS = (AdmissionCheck(PART_BODIES, check_part), AdmissionCheck(UPLOAD_FORMS, check_upload))
