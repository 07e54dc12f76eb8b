"""Courses: packs of lessons, each a folder with a `course.toml`: where they are, what they hold, a learner's copies.

Law: reads folders, never a cluster. Ours comes in by the same door as anybody's: the entry points `k8s_tutor.courses`.
"""
