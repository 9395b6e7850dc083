"""What is asked for. The numbers are those of the targets; a quick run asks the same for a shorter time."""

from dataclasses import dataclass

KIB, MIB = 1 << 10, 1 << 20


@dataclass(frozen=True)
class Workload:
    """One way of asking; `per` says what processor time is divided by."""

    id: str
    title: str
    asks: str  # "manifest" or "big"
    per: str  # "request" or "byte"
    least: float
    aim: float
    mode: dict
    connections: int
    better: str = "cpu"
    bytes_per_second: int | None = None
    cold: bool = False
    from_origin: bool = False

    def plan(self, size: int, seconds: float, connections: int | None = None) -> dict:
        """What the generator is told, without the address."""
        plan = {"mode": dict(self.mode), "connections": connections or self.connections, "seconds": seconds, "warm_seconds": min(0.7, seconds / 3)}
        if self.mode["kind"] == "ranges":
            plan["mode"] |= {"size": size, "range_bytes": min(self.mode["range_bytes"], size)}
        if self.cold:
            plan["requests"] = max(1, size // self.mode["range_bytes"])
        if self.bytes_per_second:
            plan |= {"bytes_per_second": self.bytes_per_second, "receive_buffer_bytes": 128 * KIB, "warm_seconds": 2 * seconds}
        return plan


def _ranges(range_bytes: int, align_bytes: int, in_order: bool = False) -> dict:
    return {"kind": "ranges", "range_bytes": range_bytes, "align_bytes": align_bytes, "in_order": in_order}


SMALL, LARGE = _ranges(64 * KIB, 1), _ranges(4 * MIB, 4 * MIB)
WORKLOADS = [
    Workload("W1", "Manifest", "manifest", "request", 1.0, 1.3, {"kind": "whole"}, 64),
    Workload("W1c", "Its 304", "manifest", "request", 1.0, 1.3, {"kind": "conditional"}, 64),
    Workload("W2", "Ranges of 64 KiB", "big", "request", 1.1, 1.5, SMALL, 64),
    Workload("W3", "Ranges of 4 MiB", "big", "byte", 1.0, 1.05, LARGE, 32),
    Workload("W4", "The whole file", "big", "byte", 0.95, 1.0, {"kind": "whole"}, 8),
    Workload("W5", "2,000 slow readers, memory", "big", "byte", 0.5, 1.0, LARGE, 2000, better="memory", bytes_per_second=256 * KIB),
    Workload("W6cold", "Slice cache, cold", "big", "byte", 2.0, 3.0, _ranges(4 * MIB, 4 * MIB, in_order=True), 32, cold=True, from_origin=True),
    Workload("W6small", "Slice cache, 64 KiB", "big", "request", 1.1, 1.3, SMALL, 64, from_origin=True),
    Workload("W6large", "Slice cache, 4 MiB", "big", "byte", 0.95, 1.0, LARGE, 32, from_origin=True),
]
