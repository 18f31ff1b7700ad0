"""What `--json` prints. Scripts rely on it: keys may be added, none renamed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.chats import Chat, Transcript, Turn
from rag.facets import FacetCount, Facets
from rag.models.catalogue import Model
from rag.models.weights import Located
from rag.reports import IngestReport
from rag.types import Answer, Article, Citation, Hit, Question, Suggestion, Verdict


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as one JSON object; `article.text[start:end] == quote` for every citation.

    `restoring.parse_answer` reads it back.
    """
    trace, question = answer.trace, question_json(answer.question)
    return {
        "question": question["text"],
        "filters": question["filters"],
        "passages_wanted": question["passages_wanted"],
        "history": question["history"],
        "asked": answer.asked,
        "text": answer.text,
        "short": answer.short,
        "confidence": answer.confidence,
        "disputed": answer.disputed,
        "notes": list(answer.notes),
        "refused": answer.refusal is not None,
        "reason": answer.refusal.message if answer.refusal else None,
        "reason_kind": answer.refusal.kind if answer.refusal else None,
        "sentences": [_sentence(verdict) for verdict in answer.verdicts],
        "citations": [_citation(citation) for citation in answer.citations],
        "hits": [_hit(hit) for hit in answer.hits],
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
    """Suggested questions as one JSON object, each with the id of the article that it was made from."""
    return {
        "filters": filters_json(inside),
        "suggestions": [{"question": one.text, "article_id": one.article_id} for one in found],
    }


def question_json(question: Question) -> dict[str, Any]:
    """A question as one JSON object, which `restoring.parse_question` reads back."""
    return {
        "text": question.text,
        "filters": filters_json(question),
        "passages_wanted": question.passages,
        "history": [exchange._asdict() for exchange in question.history],
    }


def chat_json(chat: Chat) -> dict[str, Any]:
    """A chat, without its turns, as one JSON object; times as ISO 8601."""
    return {
        "id": chat.id,
        "title": chat.title,
        "created_at": chat.created_at.isoformat(),
        "changed_at": chat.changed_at.isoformat(),
        "turns": chat.turns,
    }


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A chat with its turns, the oldest first, as one JSON object."""
    return chat_json(transcript.chat) | {"turns": [_turn(turn) for turn in transcript.turns]}


def filters_json(question: Question) -> dict[str, Any]:
    """What narrows a question as one JSON object; null and [] where a filter is open."""
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
    """The counts for a question's filters as one JSON object; a value that is not known is null."""

    def counts(found: Sequence[FacetCount]) -> list[dict[str, Any]]:
        return [{"value": one.value, "articles": one.articles} for one in found]

    stories = [{"story": one.value, "articles": one.articles, "title": one.title} for one in facets.stories]
    return {
        "filters": filters_json(question),
        "articles": facets.articles,
        "outside": facets.outside or None,
        "sources": counts(facets.sources),
        "months": counts(facets.months),
        "languages": counts(facets.languages),
        "stories": stories,
        "stories_total": facets.stories_total,
    }


def search_json(question: Question, hits: Sequence[Hit]) -> dict[str, Any]:
    """A search as one JSON object; `article.text[start:end] == text` for every hit, best first."""
    return {
        "question": question.text,
        "filters": filters_json(question),
        "hits": [
            {
                **_hit(hit),
                "title": hit.article.title,
                "source": hit.article.source,
                "published": _day(hit.article),
                "url": hit.article.url,
            }
            for hit in hits
        ],
    }


def report_json(report: IngestReport) -> dict[str, Any]:
    """An ingest report as one JSON object."""
    return {
        "added": list(report.added),
        "updated": list(report.updated),
        "unchanged": list(report.unchanged),
        "duplicates": [
            {"article_id": copy.article_id, "same_text_as": copy.of, "similarity": round(copy.similarity, 3)}
            for copy in report.duplicates
        ],
        "rejected": [{"path": r.path, "reason": r.reason} for r in report.rejected],
    }


def article_json(article: Article, *, with_text: bool) -> dict[str, Any]:
    """An article as one JSON object; `published` as `PublishedDate` writes it."""
    told = {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": _day(article),
        "url": article.url,
        "author": article.author,
        "language": article.language,
        "origin": article.origin,
        "told_by": dict(article.told_by),
        "content_hash": article.content_hash,
    }
    return {**told, "text": article.text} if with_text else told


def model_json(model: Model, located: Located | None) -> dict[str, Any]:
    """A model of the catalogue as one JSON object; `path` is null where it is not on this machine."""
    return {
        "role": model.role,
        "id": model.id,
        "path": str(located.path) if located else None,
        "origin": located.origin if located else None,
        "size_bytes": model.size_bytes,
        "licence": model.licence,
        "ram_bytes": model.ram_bytes,
    }


def _turn(turn: Turn) -> dict[str, Any]:
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
    """Every article of an answer, once each."""
    told = [citation.evidence.article for citation in answer.citations] + [hit.article for hit in answer.hits]
    return tuple({article.id: article for article in told}.values())


def _sentence(verdict: Verdict) -> dict[str, Any]:
    return {
        "text": verdict.text,
        "citations": list(verdict.markers),
        "supported": verdict.supported,
        "quoted": verdict.quoted,
        "lead": verdict.lead,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    evidence, article = citation.evidence, citation.evidence.article
    return {
        "marker": citation.marker,
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "published": _day(article),
        "url": article.url,
        "content_hash": article.content_hash,
        "quote": evidence.text,
        "start": evidence.start,
        "end": evidence.end,
        "outlets": list(citation.outlets),
        "passage_id": evidence.passage_id,
        "score": evidence.score,
        "answer": evidence.answer._asdict() if evidence.answer else None,
    }


def _hit(hit: Hit) -> dict[str, Any]:
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
    }


def _day(article: Article) -> str | None:
    return str(article.published) if article.published else None
