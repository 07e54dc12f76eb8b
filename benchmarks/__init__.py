"""Measurements of what is promised: `make bench`. They print goals beside numbers and assert nothing."""
