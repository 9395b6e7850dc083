"""Uploads a file with tuspy, with checksums, is stopped in the middle, and goes on."""

import os
import sys

from tusclient.client import TusClient

endpoint, file, sha256 = sys.argv[1:]
client = TusClient(endpoint, headers={"Authorization": f"Bearer {os.environ['STOWAWAY_TOKEN']}"})
first = client.uploader(file, chunk_size=200_000, metadata={"sha256": sha256}, upload_checksum=True)
first.upload(stop_at=400_000)
second = client.uploader(file, chunk_size=200_000, url=first.url, upload_checksum=True)
if second.offset < 400_000:
    sys.exit(f"began again, at {second.offset}")
print(f"went on, from {second.offset}")
second.upload()
