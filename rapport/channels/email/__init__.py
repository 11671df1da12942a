"""E-mail: mailboxes read by IMAP, mail that comes by hooks and providers, replies sent by SMTP.

Words: a *mailbox* is what an IMAP account calls a folder; a *door* is a way by which mail comes in. Every
door ends in the same place: an arrival made by `arriving.arrival_of`.
"""

from __future__ import annotations
