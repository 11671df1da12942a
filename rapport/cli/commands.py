"""The command `rapport`: finds the module behind a word and runs it.

Only the module of the word that was asked for is imported, so that `rapport --help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

import rapport
from rapport.cli.failing import FAILED, WRONG_SETTING, CommandFailed

#: Every word, in the order in which an operator meets them.
COMMANDS = {
    "up": "start everything on this machine: database, web, edge, worker",
    "web": "serve pages alone, behind a balancer",
    "edge": "serve live streams and the intake of messages",
    "work": "work off what arrived and send what is due",
    "migrate": "bring the database to this version",
    "doctor": "check every part and name the fix",
    "demo": "fill an empty database with a company and four weeks of its history",
    "backup": "write everything into one file, while running",
    "restore": "bring a backup back",
    "token": "make, list and revoke keys of the API",
    "channel": "list, add and check channels; take in one mail",
    "envelopes": "see what arrived, replay what is parked",
    "password-link": "print a link to a new password for somebody who cannot sign in",
    "setup-link": "print a fresh link to the first set-up",
    "bench": "measure this machine, each figure beside its limit",
}


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name; always ends by SystemExit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    word = arguments[0] if arguments else "--help"
    if word in ("-h", "--help", "help"):
        print(overview())
        sys.exit(0)
    if word in ("-V", "--version"):
        print(f"rapport {rapport.__version__}")
        sys.exit(0)
    if word not in COMMANDS:
        sys.exit(_unknown(word))
    module = module_of(word)
    sys.exit(_attempt(module, _options(word, module, arguments[1:])))


def overview() -> str:
    """What `rapport --help` says."""
    lines = [f"  rapport {word:<13} {does}" for word, does in COMMANDS.items()]
    head = "Rapport: a company talks with its customers.\n\nusage: rapport COMMAND [OPTION…]\n\n"
    foot = "\n\n`rapport COMMAND --help` tells more; `rapport --version` tells the version."
    return head + "\n".join(lines) + foot


def module_of(word: str) -> ModuleType:
    """The module behind a word."""
    return importlib.import_module(f"rapport.cli.{word.replace('-', '_')}")


def parser_of(word: str, module: ModuleType) -> argparse.ArgumentParser:
    """The parser of one command's arguments."""
    parser = argparse.ArgumentParser(
        prog=f"rapport {word}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return parser


def _options(word: str, module: ModuleType, words: list[str]) -> argparse.Namespace:
    try:
        return parser_of(word, module).parse_args(words)
    except SystemExit as end:
        override = getattr(module, "code_of_mistakes", lambda _words: None)(words)
        if end.code and override:
            sys.exit(override)
        raise


def _attempt(module: ModuleType, options: argparse.Namespace) -> int:
    """Run it; whatever an operator can mend is one line without a traceback."""
    from rapport.kernel.config import ConfigError
    from rapport.kernel.pg.faults import PgError

    # A mail server takes any other code for a refusal and sends the mail back to the customer.
    override = getattr(module, "code_of_faults", lambda _options: None)(options)
    try:
        return int(module.run(options) or 0)
    except KeyboardInterrupt:
        return _say("stopped", override or 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return override or 0
    except CommandFailed as fault:
        return _say(str(fault), override or fault.code)
    except ConfigError as fault:
        return _say(str(fault), override or WRONG_SETTING)
    except PgError as fault:
        return _say(str(fault), override or FAILED)
    except Exception as fault:
        words = _database_words(fault)
        if words is None and override is None:
            raise
        from rapport.kernel.pg.hushing import words_of

        return _say(words or words_of(fault), override or FAILED)


def _database_words(fault: Exception) -> str | None:
    """A database that is away, in one line; None for a fault of another kind."""
    if type(fault).__name__ not in ("OperationalError", "InterfaceError", "ProgrammingError"):
        return None
    words = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    if "does not exist" in words and "relation" in words:
        return "the database is not of this version: run `rapport migrate`"
    if type(fault).__name__ == "ProgrammingError":
        return None
    return f"the database cannot be reached: {words}\nCheck DATABASE_URL, or run `rapport doctor`."


def _unknown(word: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, 1)
    hint = f"; did you mean `rapport {near[0]}`?" if near else "."
    return _say(f"there is no command {word!r}{hint} See `rapport --help`.", 2)


def _say(words: str, code: int) -> int:
    print(f"rapport: {words}", file=sys.stderr)
    return code
