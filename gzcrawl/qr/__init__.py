"""QR codes: where they may stand on a page, decoding, and what a payload means."""
