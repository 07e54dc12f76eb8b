"""The toolkit that exercises are written with: a state to look at, checks that say what they saw, verdicts, hints.

Law: knows the API and snapshots only; judges the state that was reached, never the commands that led there. A pack's
exercises import `from k8s_tutor.exercises import …` and nothing else of the library; docs/toolkit.md has an example of
every name.

    calling.py        A learner's function, called with limits
    clinic.py         The clinic: an application, its faults, cases drawn from them
    exercise.py       An exercise, whole; a guess; whether a start is untouched
    functions.py      Checks of functions that a learner completes
    objectchecks.py   Checks of any object
    podchecks.py      Checks of Pods
    servicechecks.py  Checks of Services
    state.py          What checks look at
    verdict.py        What a check says
"""

from k8s_tutor.exercises.calling import Call, Called, LearnerFunction, call_function, show_value
from k8s_tutor.exercises.clinic import App, Challenge, Clinic, Fault, keeps
from k8s_tutor.exercises.exercise import Check, Exercise, Guess, Hint, Mistake, Truth
from k8s_tutor.exercises.functions import explain_trouble, try_function
from k8s_tutor.exercises.objectchecks import exists, inspect, is_unchanged, keep
from k8s_tutor.exercises.podchecks import (
    describe_pod,
    find_container,
    has_containers,
    is_not_broken,
    is_ready,
    prints,
    runs_for,
    uses_image,
)
from k8s_tutor.exercises.servicechecks import (
    answers,
    count_ready,
    describe_selector,
    has_address,
    has_ready_pods,
    list_deployments,
    list_pods,
    listens_on,
    resolves_target_ports,
    selects_pods,
)
from k8s_tutor.exercises.state import Reply, State
from k8s_tutor.exercises.verdict import Outcome, Seen, Verdict, cannot_tell, failed, not_attempted, passed, see
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects.cron import parse as parse_schedule
from k8s_tutor.objects.quantity import parse as parse_quantity
from k8s_tutor.objects.types import Obj

__all__ = [
    "App",
    "Call",
    "Called",
    "Challenge",
    "Check",
    "Clinic",
    "Exercise",
    "Fault",
    "Guess",
    "Hint",
    "LearnerFunction",
    "Message",
    "Mistake",
    "Obj",
    "Outcome",
    "Reply",
    "Seen",
    "State",
    "Truth",
    "Verdict",
    "Wording",
    "answers",
    "call_function",
    "cannot_tell",
    "count_ready",
    "describe_pod",
    "describe_selector",
    "exists",
    "explain_trouble",
    "failed",
    "find_container",
    "has_address",
    "has_containers",
    "has_ready_pods",
    "inspect",
    "is_not_broken",
    "is_ready",
    "is_unchanged",
    "keep",
    "keeps",
    "list_deployments",
    "list_pods",
    "listens_on",
    "msg",
    "not_attempted",
    "parse_quantity",
    "parse_schedule",
    "passed",
    "prints",
    "resolves_target_ports",
    "runs_for",
    "see",
    "selects_pods",
    "show_value",
    "try_function",
    "uses_image",
]
