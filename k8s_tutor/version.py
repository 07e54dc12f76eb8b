"""The one place the version lives; the build back end reads it from here."""

__version__ = "0.1.0"
