"""Observes: polls public Weibo, the WeChat article index and government websites, and records what was seen."""
