"""`rapport …` and `python -m rapport …`."""

from __future__ import annotations


def main() -> None:
    """Run the command that the arguments name."""
    from rapport.cli.commands import run

    run()


if __name__ == "__main__":
    main()
