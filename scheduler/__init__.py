"""Judges and tells: rules over what gzcrawl recorded, alerts, mail, and the schedule around them."""
