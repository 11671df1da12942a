"""The REST API: the same abilities as the pages, for programs.

Tokens with scopes, cursor pages, problems by RFC 9457, and an Idempotency-Key that makes a repeated request
one request. Documented by its own OpenAPI at /api/v1/openapi.json. It decides nothing by itself.
"""

from __future__ import annotations
