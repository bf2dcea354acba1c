"""Cut the frame at the time of a note from the file of its video, in the sandbox."""

import threading

from notes.attachments.models import AttachmentJob, NoteAttachment
from notes.attachments.writing import CUT_FRAME, MAX_ERROR_LENGTH, publish
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat, take_place
from sage.jobs.registry import Save, Step
from sage.storage import FileLost, storage
from videos.sandbox import runner, scratch

FRAMES_AT_ONCE = 4  # by one worker, which has many more threads for answers
_places = threading.BoundedSemaphore(FRAMES_AT_ONCE)
LIMITS = runner.SandboxLimits(
    wall_seconds=120, cpu_seconds=60, memory_bytes=2 * 1024**3, output_bytes=8 * 1024**2, open_files=64
)


def cut_frame(job: AttachmentJob, heartbeat: Heartbeat) -> Save:
    """Cut the frame and store it. Each attempt writes to the same key."""
    attachment = NoteAttachment.objects.select_related("note__video").defer("drawing").get(pk=job.attachment_id)
    note = attachment.note
    key = f"notes/{note.owner_id}/{attachment.pk}.jpg"
    with take_place(_places, heartbeat), scratch.open_job_folder(job) as folder:
        target = folder / "frame.jpg"
        try:
            with storage.local_copy(note.video.storage_key, folder, heartbeat) as source:
                arguments = {"path": str(source), "seconds": note.seconds, "target": str(target)}
                runner.run_in_sandbox(
                    "videos.media.stills:write_frame", arguments, heartbeat, LIMITS, room=folder, reads=[source]
                )
        except FileLost as error:
            raise JobRejected("The file of the video is missing from storage. Upload the video again.") from error
        storage.put_file(key, target, "image/jpeg", tick=heartbeat)

    def save() -> None:
        NoteAttachment.objects.filter(pk=attachment.pk).update(key=key, error="")

    return save


def settle(job: AttachmentJob) -> None:
    """Keep the error of a failed job for the page, and tell the open pages."""
    attachment = NoteAttachment.objects.select_related("note__video").defer("drawing").get(pk=job.attachment_id)
    if job.status == AttachmentJob.Status.FAILED:
        NoteAttachment.objects.filter(pk=attachment.pk).update(error=job.error[:MAX_ERROR_LENGTH])
    publish(attachment.note)


CUT = Step(
    model=AttachmentJob,
    kind=CUT_FRAME,
    run=cut_frame,
    settle=settle,
    label="Cut frame",
    running_label="Cutting frame",
    failure_message="Sage could not cut this frame from the video. Remove it, then try another second.",
    queue="high",
)
