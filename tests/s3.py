"""A real S3 server on loopback: SeaweedFS, which checks signatures as S3 does."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers import wait_until
from tests.site import free_port

KEY, SECRET, BUCKET = "sage-tests", "sage-tests-secret", "videos"
SITE_ORIGIN = "http://127.0.0.1:8000"  # the site whose pages may upload parts


class S3Server:
    """A running server. Its CORS rules let pages of `site_origin` upload parts."""

    def __init__(self, host: str = "127.0.0.1", site_origin: str = SITE_ORIGIN) -> None:
        self.host, self.site_origin = host, site_origin
        self.folder = Path(tempfile.mkdtemp(prefix="sage-s3-"))
        self.port = free_port()
        self.endpoint = f"http://{host}:{self.port}"
        identity = {
            "name": "sage",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (self.folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
        (self.folder / "data").mkdir()
        self.process = self._start()
        wait_until(self._is_ready, 120)

    def _start(self) -> "subprocess.Popen[bytes]":
        ports = {name: free_port() for name in ("master", "volume", "filer")}
        command = [
            str(Path(sys.executable).with_name("weed")),
            "server",
            f"-dir={self.folder / 'data'}",
            f"-ip={self.host}",
            f"-ip.bind={self.host}",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=1024",
            *[f"-{name}.port={port}" for name, port in ports.items()],
            *[f"-{name}.port.grpc={free_port()}" for name in ports],
            f"-filer.localSocket={self.folder / 'filer.sock'}",
            "-s3",
            f"-s3.port={self.port}",
            f"-s3.port.grpc={free_port()}",
            f"-s3.config={self.folder / 'identities.json'}",
            f"-s3.allowedOrigins={self.site_origin}",
            "-s3.port.iceberg=0",  # other protocols would need ports too
            "-s3.port.lance=0",
        ]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("wb"))

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 1}),
        )

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        with socket.socket() as probe:
            if probe.connect_ex((self.host, self.port)):
                return False
        try:
            self.client().create_bucket(Bucket=BUCKET)
            self.client().put_object(Bucket=BUCKET, Key="first", Body=b"well")
        except ClientError as error:
            return error.response["Error"]["Code"] == "BucketAlreadyOwnedByYou"
        except BotoCoreError:
            return False
        return True

    def stop(self) -> None:
        self.process.kill()  # SIGINT takes half a minute
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
