"""Is this post a repost of that announcement? Pure: two items in, a decision with its reasons out."""

from scheduler.matching.decide import Decision, Match, match

__all__ = ["Decision", "Match", "match"]
