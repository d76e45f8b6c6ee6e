"""Is this post a repost of that announcement? Pure: two items in, a decision with its reasons out."""

from scheduler.matching.decide import Decision, Match, match
from scheduler.matching.index import Index

__all__ = ["Decision", "Index", "Match", "match"]
