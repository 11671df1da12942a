"""Accounts: the people who work here.

Words: the *company* whose deployment this is, its *brands*, its *agents* with a *role* and their *teams*;
*invitations* and *API tokens*. A role says what somebody may do, a team whose conversations they see.
It never knows a customer or a conversation.
"""

from __future__ import annotations
