"""The JSON of `--json`. Keys may be added; none is renamed or removed. `rag/stored.py` reads it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.models.catalogue import Model
from rag.models.weights import Located
from rag.surveys import Comparison, Sweep, Timeline
from rag.turns import Chat, Transcript, Turn
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    FacetCount,
    Facets,
    Hit,
    IngestReport,
    Question,
    Suggestion,
    Testimony,
    Verdict,
)


def answer_json(answer: Answer) -> dict[str, Any]:
    """Serialise an answer; `article.text[start:end] == quote` for every citation. `rag/stored.py` reads it back."""
    trace, question = answer.trace, question_json(answer.question)
    return {
        "question": question["text"],
        "filters": question["filters"],
        "passages_wanted": question["passages_wanted"],
        "history": question["history"],
        "mode_wanted": question["mode_wanted"],
        "asked": answer.asked,
        "text": answer.text,
        "short": answer.short,
        "confidence": answer.confidence,
        "disputed": answer.disputed,
        "notes": list(answer.notes),
        "refused": answer.refusal is not None,
        "reason": answer.refusal.message if answer.refusal else None,
        "reason_kind": answer.refusal.kind if answer.refusal else None,
        "sentences": [_verdict_json(verdict) for verdict in answer.verdicts],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "nearest": [_evidence_json(item) for item in answer.nearest],
        "mode": answer.mode,
        "answer_kind": answer.kind,
        "testimonies": [_testimony_json(item) for item in answer.testimonies],
        "hits": [_hit_json(hit) for hit in answer.hits],
        "articles": [article_json(article, with_text=False) for article in _articles(answer)],
        "models": {"encoder": trace.encoder, "judge": trace.judge, "reader": trace.reader},
        "seconds": {
            "retrieve": trace.retrieve_seconds,
            "first_token": trace.first_token_seconds,
            "total": trace.total_seconds,
        },
        "tokens": {"prompt": trace.prompt_tokens, "written": trace.written_tokens},
        "judged_pairs": trace.judged_pairs,
        "unknown_markers": list(trace.unknown_markers),
        "stopped": trace.stopped,
    }


def suggestions_json(inside: Question, found: Sequence[Suggestion]) -> dict[str, Any]:
    """Serialise suggested questions, each with the id of the article it was made from."""
    return {
        "filters": filters_json(inside),
        "suggestions": [{"question": item.text, "article_id": item.article_id} for item in found],
    }


def question_json(question: Question) -> dict[str, Any]:
    """Serialise a question. `parse_question` reads it back."""
    return {
        "text": question.text,
        "filters": filters_json(question),
        "passages_wanted": question.passages,
        "history": [exchange._asdict() for exchange in question.history],
        "mode_wanted": question.mode,
    }


def chat_json(chat: Chat) -> dict[str, Any]:
    """Serialise a chat without its turns; times are ISO 8601."""
    return {
        "id": chat.id,
        "title": chat.title,
        "created_at": chat.created_at.isoformat(),
        "changed_at": chat.changed_at.isoformat(),
        "turns": chat.turns,
    }


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """Serialise a chat with its turns, oldest first."""
    return chat_json(transcript.chat) | {"turns": [_turn_json(turn) for turn in transcript.turns]}


def filters_json(question: Question) -> dict[str, Any]:
    """Serialise the filters of a question; an open filter is null or []."""
    first, last, as_of = question.published_from, question.published_to, question.as_of
    return {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "as_of": as_of.isoformat() if as_of else None,
        "sources": list(question.sources),
        "languages": list(question.languages),
        "stories": list(question.stories),
    }


def facets_json(question: Question, facets: Facets) -> dict[str, Any]:
    """Serialise facet counts; an unknown value is null."""

    def counts(found: Sequence[FacetCount]) -> list[dict[str, Any]]:
        return [{"value": facet.value, "articles": facet.articles} for facet in found]

    return {
        "filters": filters_json(question),
        "articles": facets.articles,
        "outside": facets.outside or None,
        "sources": counts(facets.sources),
        "months": counts(facets.months),
        "languages": counts(facets.languages),
        "stories": [
            {"story": it.value, "articles": it.articles, "title": it.title, "since": it.since or None}
            for it in facets.stories
        ],
        "stories_total": facets.stories_total,
    }


def search_json(question: Question, hits: Sequence[Hit]) -> dict[str, Any]:
    """Serialise search results, best first; `article.text[start:end] == text` for every hit."""
    return {
        "question": question.text,
        "filters": filters_json(question),
        "hits": [
            {
                **_hit_json(hit),
                "title": hit.article.title,
                "source": hit.article.source,
                "published": _published(hit.article),
                "url": hit.article.url,
            }
            for hit in hits
        ],
    }


def sweep_json(found: Sweep) -> dict[str, Any]:
    """Serialise all articles that answer a question, likeliest first."""
    return {
        "question": found.question.text,
        "filters": filters_json(found.question),
        "articles": found.articles,
        "judged": found.judged,
        "stopped": found.stopped,
        "testimonies": [
            {"title": one.evidence.article.title, "url": one.evidence.article.url, **_testimony_json(one)}
            for one in found.testimonies
        ],
    }


def timeline_json(found: Timeline) -> dict[str, Any]:
    """Serialise a timeline, first day first; `day` is written as `str(PublishedDate)`."""
    return {
        "topic": found.question.text,
        "filters": filters_json(found.question),
        "articles": found.articles,
        "judged": found.judged,
        "stopped": found.stopped,
        "events": [
            {
                "day": str(one.day),
                "day_stated": one.stated,
                "outlets": list(one.outlets),
                "articles": list(one.articles),
                "corrected_by": one.notice.id if one.notice else None,
                **_quote_json(one.quote),
            }
            for one in found.events
        ],
    }


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Serialise a comparison, most central first; `article.text[start:end] == quote` for every quote."""
    return {
        "question": found.question.text,
        "filters": filters_json(found.question),
        "outlets": [
            {"outlet": name, "articles": count} for name, count in zip(found.outlets, found.articles, strict=True)
        ],
        "pieces": [
            {
                "kind": piece.kind,
                "same_words": piece.same_words,
                "quotes": [
                    {"outlet": outlet, "corrected_by": notice.id if notice else None, **_quote_json(quote)}
                    for outlet, quote, notice in zip(piece.outlets, piece.quotes, piece.notices, strict=True)
                ],
            }
            for piece in found.pieces
        ],
        "uncertain": found.uncertain,
        "stopped": found.stopped,
    }


def _quote_json(quote: Evidence) -> dict[str, Any]:
    article = quote.article
    return {
        "title": article.title,
        "source": article.source,
        "published": _published(article),
        "url": article.url,
        **_evidence_json(quote),
    }


def report_json(report: IngestReport) -> dict[str, Any]:
    """Serialise an ingest report."""
    return {
        "added": list(report.added),
        "updated": list(report.updated),
        "unchanged": list(report.unchanged),
        "duplicates": [
            {"article_id": copy.article_id, "same_text_as": copy.of, "similarity": round(copy.similarity, 3)}
            for copy in report.duplicates
        ],
        "rejected": [{"path": r.path, "reason": r.reason} for r in report.rejected],
        "incomplete": list(report.incomplete),
    }


def article_json(article: Article, *, with_text: bool) -> dict[str, Any]:
    """Serialise an article; `published` is written as `str(PublishedDate)`, `edited` and `candidate` only if there."""
    fields = {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": _published(article),
        "url": article.url,
        "author": article.author,
        "language": article.language,
        "origin": article.origin,
        "told_by": dict(article.told_by),
        "content_hash": article.content_hash,
        **({"edited": dict(article.edited)} if article.edited else {}),
        **({"candidate": article.candidate} if article.candidate else {}),
    }
    return {**fields, "text": article.text} if with_text else fields


def model_json(model: Model, located: Located | None) -> dict[str, Any]:
    """Serialise a model of the catalogue; `path` is null if it is not on this machine."""
    return {
        "role": model.role,
        "id": model.id,
        "path": str(located.path) if located else None,
        "origin": located.origin if located else None,
        "size_bytes": model.size_bytes,
        "licence": model.licence,
        "ram_bytes": model.ram_bytes,
    }


def _turn_json(turn: Turn) -> dict[str, Any]:
    feedback = turn.feedback
    return {
        "id": turn.id,
        "asked_at": turn.asked_at.isoformat(),
        "question": question_json(turn.question),
        "answer": answer_json(turn.answer) if turn.answer else None,
        "problem": turn.problem._asdict() if turn.problem else None,
        "feedback": feedback._asdict() | {"at": feedback.at.isoformat()} if feedback else None,
    }


def _articles(answer: Answer) -> tuple[Article, ...]:
    """Every article of an answer, once."""
    used = [citation.evidence.article for citation in answer.citations] + [hit.article for hit in answer.hits]
    return tuple({article.id: article for article in used}.values())


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "text": verdict.text,
        "citations": list(verdict.markers),
        "supported": verdict.supported,
        "quoted": verdict.quoted,
        "lead": verdict.lead,
        "corrected_by": verdict.corrected_by or None,
        "confirmed": verdict.confirmed,
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    article = citation.evidence.article
    return {
        "marker": citation.marker,
        "title": article.title,
        "source": article.source,
        "published": _published(article),
        "url": article.url,
        "content_hash": article.content_hash,
        "outlets": list(citation.outlets),
        **_evidence_json(citation.evidence),
    }


def _testimony_json(testimony: Testimony) -> dict[str, Any]:
    article = testimony.evidence.article
    return {
        **_evidence_json(testimony.evidence),
        "source": article.source,
        "published": _published(article),
        "outlets": list(testimony.outlets),
        "value": testimony.value,
        "unit": testimony.unit,
        "agreeing": list(testimony.agreeing),
        "corrected_by": testimony.corrected_by or None,
    }


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "article_id": evidence.article.id,
        "passage_id": evidence.passage_id,
        "quote": evidence.text,
        "start": evidence.start,
        "end": evidence.end,
        "score": evidence.score,
        "answer": evidence.answer._asdict() if evidence.answer else None,
        "confirmed": evidence.confirmed,
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "article_id": hit.article.id,
        "score": hit.score,
        "outlets": list(hit.outlets),
        "ordinal": passage.ordinal,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "confirmed": hit.confirmed,
    }


def _published(article: Article) -> str | None:
    return str(article.published) if article.published else None
