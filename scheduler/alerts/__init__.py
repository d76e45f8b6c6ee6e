"""The life of a finding: opened, notified, acknowledged or waived, resolved on evidence only."""
