"""The generic webhook: any system that can sign JSON is a channel.

In: signed by Standard Webhooks 1.0 or with a bearer token, one message per request. Out: a signed
`message.created` to the callback address. It is also the way to build a channel that is not built in.
"""

from __future__ import annotations
