"""The parts of pages that are long enough to be read on their own; each draws when called."""
