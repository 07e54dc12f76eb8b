"""Decisions become requests: one action after the other, as far as the API server takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue, Scale, Update, UpdateStatus
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.controllers.controller import Reconciled
from k8s_tutor.embedded.controllers.ratelimit import RateLimit
from k8s_tutor.embedded.controllers.runs import Step
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Application"]


class Application:
    """Carries out one decision.

    Args:
        local: Sends its requests.
        recorder: Says what came of them.
        limit: How many requests there may be.
    """

    def __init__(self, local: Local, recorder: EventRecorder, limit: RateLimit) -> None:
        self._local = local
        self._recorder = recorder
        self._limit = limit
        self._written: dict[str, tuple[str, str]] = {}

    def carry_out(self, decision: Reconciled) -> Generator[float, None, tuple[list[Step], str]]:
        """The steps taken, and the first error (`""` for none); pauses where there are too many requests."""
        steps: list[Step] = []
        refused: StatusError | None = None
        batch = 0
        left = deque(decision.actions)
        while left:
            action = left.popleft()
            if refused is not None and not (batch and isinstance(action, Create) and action.batch == batch):
                continue
            if not isinstance(action, EmitEvent | Requeue) and (pause := self._limit.take()):
                yield pause
            try:
                result = self._do(action)
                steps.append(Step(action, result))
                if isinstance(action, Create) and action.then and result is not None:
                    left.extendleft(reversed(action.then(result)))
            except StatusError as error:
                steps.append(Step(action, error=error.what))
                self._say(getattr(action, "failure", None), None, error)
                if refused is None:
                    refused, batch = error, action.batch if isinstance(action, Create) else 0
        if refused is None:
            return steps, decision.failure
        if _namespace_ends(refused):
            return steps, ""  # Nothing can be made there any more: no reason to try again.
        if decision.if_failed is not None:
            steps += (yield from self.carry_out(Reconciled(decision.if_failed(refused))))[0]
        return steps, refused.what

    def _do(self, action: Action) -> Obj | None:
        result: Obj | None = None
        match action:
            case Create(obj):
                result = self._local.create(obj)
            case Update(obj, subresource):
                result = self._remember(obj, self._local.update(self._current(obj), subresource))
            case UpdateStatus(obj):
                result = self._remember(obj, self._local.update_status(self._current(obj)))
            case Patch(obj, patch, subresource):
                result = self._remember(obj, self._local.patch(obj, patch, subresource))
            case Scale(obj, replicas):
                self._local.scale(obj, replicas)
            case Delete(obj):
                if not self._delete(action):
                    return None
                result = obj
            case EmitEvent():
                self._recorder.emit(action)
            case Requeue():
                pass
        self._say(getattr(action, "success", None), result, None)
        return result

    def _delete(self, action: Delete) -> bool:
        try:
            self._local.delete(action.obj, action.grace_seconds, action.propagation)
        except StatusError as error:
            if error.code == 404:
                return False
            raise
        return True

    def _say(self, event: EmitEvent | None, result: Obj | None, error: StatusError | None) -> None:
        if event is None or (error is not None and _namespace_ends(error)):
            return
        message = event.message
        if result is not None:
            message = message.replace("{name}", metadata.name(result))
        if error is not None:
            message = message.replace("{error}", error.what)
        self._recorder.emit(replace(event, message=message))

    def _remember(self, before: Obj, after: Obj) -> Obj:
        self._written[metadata.uid(after)] = (
            before["metadata"].get("resourceVersion", ""),
            after["metadata"]["resourceVersion"],
        )
        return after

    def _current(self, obj: Obj) -> Obj:
        """The object with the version that an earlier action of this run gave it: that change is known."""
        before, after = self._written.get(metadata.uid(obj), ("", ""))
        if not after or obj["metadata"].get("resourceVersion") != before:
            return obj
        # Who owns what has changed with it: what is left out stays as the server has it.
        kept = {field: value for field, value in obj["metadata"].items() if field != "managedFields"}
        return {**obj, "metadata": {**kept, "resourceVersion": after}}


def _namespace_ends(error: StatusError) -> bool:
    causes = (error.status.get("details") or {}).get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
