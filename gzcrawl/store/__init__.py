"""MongoDB: the only place that knows collection names, indexes and validators."""
