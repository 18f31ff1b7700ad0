"""An article as a witness: the sentence of it that answers, with the value by which it is compared to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from rag.answer import evidence, facts
from rag.answer.facts import Value
from rag.types import Evidence, Span, Testimony


@dataclass(frozen=True, slots=True)
class Witness:
    testimony: Testimony
    value: Value

    @classmethod
    def of(cls, quote: Evidence) -> Self:
        article, span = quote.article, quote.answer or Span(quote.start, quote.end)
        value = facts.value(article.text, span, article.published)
        told = value.quantity.value if value.quantity else value.day
        return cls(Testimony(quote, quote.short if told is None else str(told)), value)

    @property
    def quote(self) -> Evidence:
        return self.testimony.evidence

    @property
    def corrected_by(self) -> str:
        return self.testimony.corrected_by

    @property
    def day(self) -> date:
        """The day of publication; `date.min` if it is unknown."""
        published = self.quote.article.published
        return (published and published.day_known) or date.min

    @property
    def score(self) -> float:
        """The log-odds that the quote answers."""
        return evidence.log_odds(self.quote.score)

    @property
    def unit(self) -> str:
        """The unit of its amount, in the form that all of its forms share; "" if it has none."""
        return self.value.quantity.unit if self.value.quantity else ""
