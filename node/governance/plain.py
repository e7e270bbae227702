"""What others wrote, shown where it could otherwise do more than be read; used by the reports for a terminal."""


def in_a_line(text: str) -> str:
    """The text as one line in which every letter is shown: nothing in it speaks to the terminal."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    shown = (letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(text.split()))
    return indent + "".join(shown)
