"""Define the step that renders avatars, which uses the same sandbox as videos do."""

from accounts.models import AccountJob, User
from accounts.profile import avatars
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.registry import Save, Step, do_nothing
from sage.storage import FileLost, storage
from videos.sandbox import runner, scratch

LIMITS = runner.SandboxLimits(
    wall_seconds=30, cpu_seconds=20, memory_bytes=1024**3, output_bytes=4 * 1024**2, open_files=64
)


def render_avatar(job: AccountJob, heartbeat: Heartbeat) -> Save:
    """Render the uploaded picture of a user as a small JPEG."""
    sent_key = User.objects.values_list("picture_sent", flat=True).get(pk=job.user_id)
    if not sent_key:
        return lambda: do_nothing(job)
    with scratch.open_job_folder(job) as folder:
        target = folder / "avatar.jpg"
        try:
            with storage.local_copy(sent_key, folder, heartbeat) as source:
                arguments = {"path": str(source), "target": str(target)}
                runner.run_in_sandbox(
                    "videos.media.avatar:write_avatar", arguments, heartbeat, LIMITS, room=folder, reads=[source]
                )
        except FileLost as error:
            raise JobRejected("The uploaded picture is missing from storage. Upload it again.") from error
        storage.put_file(avatars.rendered_key(sent_key), target, "image/jpeg", tick=heartbeat)
    return lambda: avatars.show(job.user_id, sent_key)


RENDER_AVATAR = Step(
    model=AccountJob,
    kind=avatars.KIND,
    run=render_avatar,
    settle=avatars.settle,
    clean_up=avatars.clean_up,
    label="Render picture",
    running_label="Rendering picture",
    failure_message="Sage could not read this picture. Save it as PNG or JPEG, then upload it again.",
)
