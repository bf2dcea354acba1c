"""Keep the log readable while clients or providers misbehave. The settings add this filter to the console."""

import logging

CLIENT_FAULTS = "django.security."  # such as django.security.DisallowedHost
OUTAGES = (502, 503)  # statuses of responses that name a service which is unavailable


class RequestFaultFilter(logging.Filter):
    """Log faults of clients and outages of other services as one warning each, without a traceback.

    Django logs both as errors. Each request with another `Host` header would write a traceback of 40 lines.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        is_outage = record.name == "django.request" and getattr(record, "status_code", 0) in OUTAGES
        if is_outage or record.name.startswith(CLIENT_FAULTS):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.exc_info = record.exc_text = None
        return True
