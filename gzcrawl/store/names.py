"""Collection names. Nothing outside `gzcrawl/store` spells them."""

DEPARTMENTS = "departments"
ACCOUNTS = "accounts"
SITES = "sites"
POLLS = "polls"
POSTS = "posts"
PROFILES = "profiles"
QR_SIGHTINGS = "qr_sightings"
QR_PICTURES = "qr_pictures"
QR_LINKS = "qr_links"
CANDIDATES = "account_candidates"
SITE_PROBES = "site_probes"
CAPTURES = "captures"  # one answer each; its bytes are files (gzcrawl.evidence)
ANNOUNCEMENTS = "announcements"
DECISIONS = "decisions"  # a person's answer to "is this post a repost of that announcement"
KEPT_PAGES = "kept_pages"  # bodies of pages that servers validate, for conditional requests
HOSTS = "hosts"  # hosts that refused us, and until when they are left alone
COOKIES = "cookies"  # guest cookies of a platform
ROUNDS = "rounds"
FINDINGS = "findings"
ALERTS = "alerts"
OUTBOX = "outbox"
AUDIT = "audit"
SILENCES = "silences"
NOTICES = "notices"  # changes of alerts that people are still to be told of
CHAINS = "chains"  # the head of each hash chain
LOCKS = "locks"
