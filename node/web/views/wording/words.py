"""The language of one page: every sentence a reader sees passes through here.

Called by the views for plain sentences and by the templates as `_` and `n_`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from gettext import NullTranslations

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue bound to one request; the English texts are their own catalogue."""

    language: str = "en"
    catalogue: NullTranslations = field(default_factory=NullTranslations)

    def __call__(self, message: str, **values: object) -> str:
        """The message in the reader's language with `%(name)s` filled in."""
        said = self.catalogue.gettext(message)
        return said % values if values else said

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """The plural form that fits `number`, which fills `%(number)s`."""
        return self.catalogue.ngettext(one, many, number) % {"number": f"{number:,}", **values}

    def markup(self, message: str, **values: object) -> Markup:
        """The message for a template: values are escaped unless they are Markup already."""
        said = Markup(self.catalogue.gettext(message))  # noqa: S704 - the catalogue is ours, values are escaped below
        return said % values if values else said

    def count_markup(self, one: str, many: str, number: int, **values: object) -> Markup:
        """The plural form for a template, values escaped."""
        said = Markup(self.catalogue.ngettext(one, many, number))  # noqa: S704 - as above
        return said % {"number": f"{number:,}", **values}


def words_for(accept_language: str) -> Words:
    """The catalogue for an Accept-Language header; English is the only one shipped so far."""
    del accept_language
    return Words()
