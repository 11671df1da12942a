"""Tuning: the settings of the embedded server, for a small machine that must not lose a message."""

from __future__ import annotations

import os
import sys
from typing import Literal

Profile = Literal["durable", "throwaway"]

HEAD = """\
# Written by Rapport at every start: changes here are lost.
# Settings of your own go into a file beside this one whose name sorts after it, e.g. zz-own.conf.
"""
MB = 1024 * 1024

DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "3",  # pg_basebackup
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "1h",
}
COMMON = {
    # The socket in its private folder is the only door.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "rapport",
    "max_connections": "120",
    # Fewer standing processes: reads are served by the page cache of the system.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "max_worker_processes": "8",
    "work_mem": "8MB",
    "wal_buffers": "8MB",
    "huge_pages": "off",
    # Millions of short statements, few long ones, on a disk without moving parts.
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.03",
    # Words: English, UTC, the fact without the customer's words in it.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_statement": "none",
    "log_min_duration_statement": "1s",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_lock_waits": "on",
}


def render_settings(
    profile: Profile, *, memory: int | None = None, cores: int | None = None
) -> str:
    """The text of `conf.d/rapport.conf` for a machine of `memory` bytes and `cores` processors."""
    memory = memory or _machine_memory()
    cores = cores or os.cpu_count() or 1
    settings = COMMON | (DURABLE if profile == "durable" else THROWAWAY) | _sizes(memory, cores)
    if profile == "throwaway":
        settings["max_connections"] = "250"
    elif sys.platform == "darwin":  # an ordinary fsync leaves it in the drive's cache there
        settings["wal_sync_method"] = "fsync_writethrough"
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    return HEAD + "\n".join(lines) + "\n"


def _sizes(memory: int, cores: int) -> dict[str, str]:
    buffers = max(64 * MB, min(memory // 16, 384 * MB)) // MB
    gathering = max(0, min(cores // 2, 4))
    return {
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(memory // 2, 128 * MB) // MB}MB",
        "maintenance_work_mem": f"{max(32 * MB, min(memory // 32, 256 * MB)) // MB}MB",
        "max_parallel_workers_per_gather": str(gathering),
        "max_parallel_workers": str(max(gathering, 1)),
    }


def _machine_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):  # not told on this system: take a small machine
        return 1024 * MB
