"""The two streams that commands print to, and how a message is printed.

No text is parsed: in a name or an address ``[x]`` is no markup and ``:x:`` no emoji.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

out = Console(emoji=False)
err = Console(stderr=True, emoji=False)


def say(text: object) -> None:
    """Print one message to the standard output as it is; long lines are not broken.

    Parameters
    ----------
    text : object
        The message; its ``str`` is printed.
    """
    out.print(Text(str(text)), soft_wrap=True)


def complain(error: object) -> None:
    """Print one error to the standard error.

    Parameters
    ----------
    error : object
        The error or its text.
    """
    err.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
