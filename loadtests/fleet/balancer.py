"""A load balancer as small as one can be: nginx, which tries the other server when one does not answer."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from curve.databases import free_port
from fleet.listening import wait_until_listening
from origin import STOP_SECONDS

CONFIGURATION = """
{user}worker_processes 1; pid {run}/pid; error_log {run}/error.log warn; daemon off;
events {{ worker_connections 1024; }}
http {{
  # Answers that no visitor expects, and those that broke off before their end.
  map "$status $request_completion" $is_refused {{ default 1; "~^(200|206|304) OK$" 0; }}
  log_format refused '$msec "$request" $http_range: $status after $request_time s, $body_bytes_sent bytes; $upstream_addr: $upstream_status, $upstream_bytes_received bytes';
  access_log {run}/refused.log refused if=$is_refused;
  client_body_temp_path {run}/b; proxy_temp_path {run}/p; fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;
  # No server is taken out for a failure: each is asked in turn, and the other one at once when it does not answer.
  upstream fleet {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://fleet;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream error timeout;
      # Bytes are taken from a server only as fast as the client takes them, so that a slow download is one for the server too.
      proxy_buffering off;
    }}
  }}
}}
"""


class Balancer:
    """nginx in front of servers on these ports."""

    def __init__(self, run: Path, ports: list[int]) -> None:
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise SystemExit("nginx is missing: .ci/install test")
        run.mkdir()
        self._run = run
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
        user = "user root;\n" if os.geteuid() == 0 else ""
        (run / "nginx.conf").write_text(CONFIGURATION.format(user=user, run=run, port=self._port, servers=servers), encoding="utf-8")
        self._command = [program, "-e", str(run / "error.log"), "-p", str(run), "-c", str(run / "nginx.conf")]
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "Balancer":
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        wait_until_listening("nginx", self._process, self._port)
        return self

    def said(self) -> list[str]:
        """What went wrong on the way to the servers, and every answer that was none of the expected."""
        lines = [line for log in ("error.log", "refused.log") for line in (self._run / log).read_text(errors="replace").splitlines()]
        return [f"balancer: {line}" for line in lines]

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
