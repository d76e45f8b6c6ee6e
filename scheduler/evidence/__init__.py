"""What findings rest on: kept, sealed, checked, and handed out so that it can be read without our software."""
