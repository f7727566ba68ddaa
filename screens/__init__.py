"""Draws pages, nothing else. The only place that imports kivy; import ``screens.environment`` and prepare it first."""
