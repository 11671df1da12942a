"""The tests of S3 need what `pip install "rapport[s3]"` brings, which no lock holds."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("boto3") else ["test_buckets.py"]
