"""Weights, shares and thresholds as a reader sees them; integers and fractions only.

Called by the bar, proposal and federation views.
"""

from __future__ import annotations

from fractions import Fraction

NOTHING = "\N{EN DASH}"


def weight_text(weight: int | Fraction, denominator: int = 1) -> str:
    """An integer weight over the statute's denominator: 19 over 10 is "1.9"; people are plain counts."""
    value = Fraction(weight, denominator)
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return decimal_text(value, places=3)


def decimal_text(value: Fraction, *, places: int) -> str:
    """A non-negative fraction rounded half up to at most `places` decimals, trailing zeros dropped."""
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    whole, rest = divmod(scaled, 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0")
    return f"{whole:,}.{decimals}" if decimals else f"{whole:,}"


def share_text(part: int | Fraction, whole: int | Fraction) -> str:
    """A share in percent to two decimals; a dash when there is no whole to share."""
    return f"{decimal_text(Fraction(part * 100, whole), places=2)} %" if whole else NOTHING


def threshold_text(share: Fraction) -> str:
    """A threshold as people say it: 66/100 is "66 %", 2/3 stays "2/3", 1/2 is "half"."""
    if share == Fraction(1, 2):
        return "half"
    if 100 % share.denominator == 0:
        return f"{share.numerator * 100 // share.denominator} %"
    return f"{share.numerator}/{share.denominator}"
