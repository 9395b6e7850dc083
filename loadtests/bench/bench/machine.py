"""What machine this is, which processors are used, and a network of its own where that is allowed."""

import os
import platform
import re
import socket
import subprocess
from pathlib import Path

SERVER_CPU = 0
MTU_BYTES = 1500
# Before other programs, so that these do not get between a server and the generator.
PRIORITY = -10
# Thousands of sockets for the slow readers, on both sides.
OPEN_FILES = 20_000


def describe(isolation: str, load_before: float) -> dict:
    """The shape of the machine, without its name, and how busy it was before."""
    model = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    memory_kib = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"), re.MULTILINE)[1])
    return {
        "cores": os.cpu_count(),
        "processor": model[1] if model else platform.machine(),
        "memory_gib": round(memory_kib / (1 << 20)),
        "kernel": ".".join(platform.release().split("-")[0].split(".")[:3]),
        "network": isolation,
        "load_before": round(load_before, 1),
    }


def generator_cpu() -> int:
    """Another processor than the server's, where there is one."""
    return 1 if (os.cpu_count() or 1) > 1 else 0


def free_port() -> int:
    """A port that nobody listens on. It may be taken meanwhile; then the server says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Network:
    """A network namespace with an ordinary packet size and Reno, as large packets and pacing distort the loopback; else the loopback as it is."""

    def __init__(self) -> None:
        self.name = f"stowaway-bench-{os.getpid()}"
        self.is_own = False

    def __enter__(self) -> "Network":
        if os.geteuid() == 0 and _try("ip", "netns", "add", self.name):
            self.is_own = _try(*self.inside(), "ip", "link", "set", "lo", "up", "mtu", str(MTU_BYTES))
            if not self.is_own:
                self.__exit__()
            else:
                _try(*self.inside(), "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")
        return self

    def __exit__(self, *_: object) -> None:
        _try("ip", "netns", "delete", self.name)

    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def command(self, cpu: int) -> list[str]:
        """What stands before a command that is to run in this network on one processor."""
        first = ["nice", "-n", str(PRIORITY)] if os.geteuid() == 0 else []
        return [*(self.inside() if self.is_own else []), *first, "taskset", "-c", str(cpu)]

    def description(self) -> str:
        return f"own namespace, loopback of MTU {MTU_BYTES}, reno" if self.is_own else "the machine's loopback as it is: not comparable with figures from a namespace"


def _try(*command: str) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
