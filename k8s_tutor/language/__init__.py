"""What the library says, in the learner's language: messages as data, catalogues, and which language it is.

Law: imports nothing of ours. English stands in place in the code, as `msg("no pod has {label}", label=…)`; other
languages are gettext catalogues (`.po`). A third language is files, no code. What Kubernetes says (statuses, events,
kinds, kubectl's output) stays English, as on a real cluster.
"""

from k8s_tutor.language.message import (
    Message,
    Wording,
    is_one_of,
    join_clauses,
    join_sentences,
    join_words,
    msg,
    msg_n,
    msg_template,
    plain,
    say,
)

__all__ = [
    "Message",
    "Wording",
    "is_one_of",
    "join_clauses",
    "join_sentences",
    "join_words",
    "msg",
    "msg_n",
    "msg_template",
    "plain",
    "say",
]
