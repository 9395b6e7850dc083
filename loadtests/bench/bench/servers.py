"""Starts and stops the servers that are compared, each with one worker on the same processor."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from bench.machine import OPEN_FILES, SERVER_CPU, Network, generator_cpu

START_SECONDS = 30
STOP_SECONDS = 40

STATIC = """
  server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
"""
# An origin as far as reading goes: a bucket is a folder, and a signature is a header like others.
SLICE = """
  proxy_cache_path {run}/cache levels=1:2 keys_zone=c:16m max_size=8g inactive=1h use_temp_path=off;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{
    slice 4m; proxy_cache c; proxy_cache_key $uri$slice_range; proxy_set_header Range $slice_range; proxy_cache_valid 200 206 1h; proxy_pass http://origin; }} }}
"""
COMMON = """
{user}worker_processes 1; pid {run}/pid; error_log {run}/error.log warn; worker_rlimit_nofile {files}; daemon off;
events {{ worker_connections 8192; }}
http {{
  include {types}; access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  open_file_cache max=4000 inactive=60s; open_file_cache_valid 60s; keepalive_timeout 65; keepalive_requests 10000000;
  client_body_temp_path {run}/b; proxy_temp_path {run}/p; fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;
  {body}
}}
"""


class Process:
    """A server process and its port."""

    def __init__(self, command: list[str], port: int, network: Network, log: Path, environment: dict[str, str] | None = None, folder: Path | None = None) -> None:
        self.port, self.log_path = port, log
        with log.open("wb") as output:
            # A session of its own: the kernel shares a processor out among sessions before it does among processes.
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder, start_new_session=True)
        self._wait_until_it_listens(network)

    @property
    def pid(self) -> int:
        return self.process.pid

    def _wait_until_it_listens(self, network: Network) -> None:
        probe = [*network.command(generator_cpu()), "curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{self.port}/"]
        end = time.monotonic() + START_SECONDS
        while subprocess.run(probe, stdin=subprocess.DEVNULL).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit(f"the server on port {self.port} did not start:\n{self.log_path.read_text(errors='replace')}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it; kills what does not end by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def nginx_static(root: Path, port: int, cpu: int, network: Network, run: Path) -> Process:
    return _nginx(STATIC.format(port=port, root=root), port, cpu, network, run)


def nginx_slice(origin_port: int, port: int, network: Network, run: Path) -> Process:
    return _nginx(SLICE.format(run=run, origin=origin_port, port=port), port, SERVER_CPU, network, run)


def nginx_version() -> str:
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
    return re.search(r"nginx/([\d.]+)", said)[1]


def _nginx(body: str, port: int, cpu: int, network: Network, run: Path) -> Process:
    if shutil.which("nginx") is None:
        raise SystemExit("nginx is missing: .ci/install test")
    run.mkdir(parents=True, exist_ok=True)
    user = "user root; " if os.geteuid() == 0 else ""
    types = "/etc/nginx/mime.types"
    config = run / "nginx.conf"
    config.write_text(COMMON.format(user=user, run=run, files=OPEN_FILES, types=types, body=body), encoding="utf-8")
    return Process([*network.command(cpu), "nginx", "-c", str(config)], port, network, run / "output.log")


def stowaway(binary: Path, folder: Path, port: int, network: Network, settings: dict[str, str]) -> Process:
    """One worker, its access log off as nginx's is; everything else as it comes."""
    command = [*network.command(SERVER_CPU), "prlimit", f"--nofile={OPEN_FILES}", str(binary), "serve", "--listen", f"127.0.0.1:{port}"]
    command += ["--set", "http.workers=1", "--log-level", "info,stowaway::access=off"]
    return Process(command, port, network, folder / f"serve-{port}.log", environment(folder, settings), folder)


def environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """Settings of a store and database in `folder`, and none of the caller's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("STOWAWAY_", "AWS_"))}
    own = {"STOWAWAY_STORAGE__URL": f"file://{folder}/bucket", "STOWAWAY_DATABASE__URL": f"sqlite:{folder}/stowaway.db"}
    return clean | own | settings
