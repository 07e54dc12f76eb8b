"""A workshop on one cluster: a namespace, rights and a kubeconfig for each learner, and a board of who is where.

    board.py      Who is where: lesson, exercises, who is stuck, what is broken; a table, JSON, a page, a widget
    classroom.py  Makes, mends, extends, empties and removes the learners' places on a cluster
    commands.py   `k8s-tutor workshop`: create, status, board, help, reset, extend, remove, join
    handout.py    What learners are given: a kubeconfig each, and a sheet with the one line to type
    pages.py      The board as pages of this machine alone, for the beamer
    seats.py      A learner's place: its names, and all objects that it is made of

Law: only a cluster that somebody named is touched, and of it only what carries our label `k8s-tutor.dev/workshop`. It
stands on `session/`: a learner of a workshop has a session like any other, with rights on one namespace.
"""

from __future__ import annotations

from k8s_tutor.workshop.board import board, look

__all__ = ["board", "look"]
