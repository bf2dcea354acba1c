"""Tell other apps that a video has a transcript."""

from django.dispatch import Signal

transcript_stored = Signal()  # with `video`, in the transaction that stores it
