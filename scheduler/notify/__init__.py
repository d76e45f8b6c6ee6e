"""Telling people: the digest, the outbox it waits in, and the mail server that takes it."""
