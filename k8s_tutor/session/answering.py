"""What a learner answers in a notebook: guesses, and functions at marked places.

A guess is a bet placed before the cell that settles it; afterwards the truth stands beside it.

A marked place is a function that a learner completes and a lesson's own code calls. An open place does not stop a
lesson: as long as its function returns the three dots it came with, the course's own answer stands in for it, and says
so. A faulty one is not let loose on the cluster: whoever calls it is told what its check says. Neither ends in a
traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import update_wrapper
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.course.catalog import find_exercise, find_guess
from k8s_tutor.errors import ClusterUnavailable, TutorError, UsageError
from k8s_tutor.exercises.calling import LearnerFunction, locate_error
from k8s_tutor.exercises.exercise import Answer, Exercise, Guess, Truth
from k8s_tutor.exercises.state import State, take_state
from k8s_tutor.exercises.verdict import Outcome, Verdict
from k8s_tutor.language import Message, join_sentences, msg
from k8s_tutor.session.display import show

if TYPE_CHECKING:  # brings anywidget
    from k8s_tutor.render.live import BetCard

__all__ = ["AnswerCell", "AnswerCells", "Guesses", "Settled"]


# ---- Guesses: a bet, and the truth beside it


@dataclass(frozen=True)
class Settled:
    """A bet beside the truth: text for terminals and screen readers, a card in a notebook."""

    guess: Guess
    bet: Answer
    truth: Truth

    @property
    def right(self) -> bool:
        """Whether the bet is won."""
        return self.bet == self.truth.answer

    def __str__(self) -> str:
        bet, truth = self.guess.word(self.bet), self.guess.word(self.truth.answer)
        if self.right:
            return str(msg("✓ Your bet: “{bet}”, and so it is.", bet=bet))
        return str(msg("≠ Your bet: “{bet}”. On the cluster: “{truth}”.", bet=bet, truth=truth))

    @property
    def alt_text(self) -> str:
        """All of it in words."""
        seen = [f"    {msg('seen: {fact}', fact=self.truth.seen)}"] if str(self.truth.seen) else []
        return "\n".join([f"{self.guess.id}: {self}", *seen])

    def __repr__(self) -> str:
        return self.alt_text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Both colours keep a contrast of 4.5:1 in light and dark; the glyph and the words say the same.
        colour = "#2e8540" if self.right else "#c2571a"
        seen = f"<div style='opacity:.85'>{escape(str(self.truth.seen))}</div>" if str(self.truth.seen) else ""
        return {
            "text/plain": self.alt_text,
            "text/html": (
                f"<div role='status' style='border-left:4px solid {colour};padding:.3em .9em;line-height:1.5'>"
                f"<strong>{escape(self.guess.id)}</strong> {escape(str(self))}{seen}</div>"
            ),
        }


@dataclass
class _Open:
    """A question that was asked and is not settled."""

    guess: Guess
    before: State
    card: BetCard

    @property
    def bet(self) -> Answer | None:
        return self.guess.read(self.card.bet) if self.card.bet else None


class Guesses:
    """The guesses of a session.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        say: Shows a bet beside its truth.
    """

    def __init__(self, client: Client, clock: Clock, say: Callable[[Any], None] = show) -> None:
        self._client = client
        self._clock = clock
        self._show = say
        self._open: dict[str, _Open] = {}

    def ask(self, name: str, bet: Answer | None, namespace: str) -> BetCard:
        """Asks a question; a bet may be placed at once, or on the card, or not at all.

        Args:
            name: `services-a`.
            bet: The key or the words of a choice, or a number; None leaves it to the card.
            namespace: Where the answer will show.

        Raises:
            UsageError: no such guess, or no such choice.
        """
        guess = find_guess(name)
        if bet is not None and guess.read(bet) is None:
            raise UsageError(
                msg("{bet!r} is no answer to {name}.", bet=bet, name=name),
                why=msg("The answers are: {ways}.", ways=guess.ways),
                next_step=msg('t.guess("{name}") shows them to choose from; or go on without a bet.', name=name),
            )
        from k8s_tutor.render.live import BetCard  # noqa: PLC0415  brings anywidget

        choices = [(key, str(words)) for key, words in guess.choices.items()]
        card = BetCard(str(guess.question), choices, str(guess))
        card.observe(lambda _: self._placed(name), "bet")
        self._open[name] = _Open(guess, self._look(guess, namespace), card)
        if bet is not None:
            card.bet = str(guess.read(bet))
        return card

    def settle(self, namespace: str) -> None:
        """Holds what was bet against the cluster; called after each cell. Costs nothing where nobody has bet."""
        for name, asked in list(self._open.items()):
            bet = asked.bet
            if bet is None:
                continue
            truth = None
            with suppress(
                StatusError, ClusterUnavailable
            ):  # a cluster that does not answer is asked after the next cell
                truth = asked.guess.truth(asked.before, self._look(asked.guess, namespace))
            if truth is not None:
                settled = Settled(asked.guess, bet, truth)
                asked.card.said, asked.card.settled = str(settled), True
                del self._open[name]
                self._show(settled)

    def _placed(self, name: str) -> None:
        asked = self._open.get(name)
        if asked is not None and (bet := asked.bet) is not None:
            words = asked.guess.word(bet)
            asked.card.said = str(msg("Your bet: “{bet}”. The cells below will show.", bet=words))

    def _look(self, guess: Guess, namespace: str) -> State:
        return take_state(self._client, namespace, guess.looks_at, time=self._clock.now())


# ---- Marked places: functions that a learner completes and a lesson's own code calls

Judge: TypeAlias = Callable[[Exercise, Mapping[str, LearnerFunction]], Verdict]


class AnswerCell:
    """A learner's function, called as such.

    Attributes:
        function: The function as it was written.
    """

    def __init__(self, chosen: Exercise, function: LearnerFunction, look: Judge, say: Callable[[str], None]) -> None:
        self.function = function
        self._exercise = chosen
        self._look = look
        self._say = say
        self._chosen: LearnerFunction | None = None
        update_wrapper(self, function)

    def __call__(self, *given: Any) -> Any:
        """What the learner's function gives, or the course's while it is open.

        Raises:
            TutorError: it is faulty; says what its check says.
        """
        if self._chosen is None:
            self._chosen = self._choose()
        try:
            return self._chosen(*given)
        except TutorError:
            raise
        except Exception as error:
            raise TutorError(
                msg("Your function `{name}` broke off.", name=self._name), locate_error(error), self._check
            ) from error

    def __repr__(self) -> str:
        return str(msg("<{name}, the place of {exercise}>", name=self._name, exercise=self._exercise.id))

    @property
    def _name(self) -> str:
        return str(getattr(self.function, "__name__", "function"))

    @property
    def _check(self) -> Message:
        return msg('t.check("{exercise}") tries it out and says more.', exercise=self._exercise.id)

    def _choose(self) -> LearnerFunction:
        """The learner's function if it holds, the course's if it is open."""
        verdict = self._look(self._exercise, {self._exercise.id: self.function})
        if verdict.passed:
            return self.function
        if verdict.outcome is Outcome.NOT_ATTEMPTED and self._exercise.function is not None:
            open_yet = msg(
                "`{name}` is still open ({exercise}): the course's own stands in for it.",
                name=self._name,
                exercise=self._exercise.id,
            )
            self._say(str(open_yet))
            return self._exercise.function
        why = join_sentences(verdict.summary, *verdict.evidence)
        raise TutorError(
            msg("Your function `{name}` is not right yet.", name=self._name), why, verdict.hint or self._check
        )


class AnswerCells:
    """The marked places of a lesson, by exercise.

    Args:
        look: Judges an exercise by a learner's functions.
        say: Told when the course's own answer stands in.
    """

    def __init__(self, look: Judge, say: Callable[[str], None]) -> None:
        self._look = look
        self._say = say
        self._places: dict[str, AnswerCell] = {}

    def mark(self, name: str) -> Callable[[LearnerFunction], AnswerCell]:
        """A decorator for the function that answers an exercise.

        Raises:
            UsageError: there is no such exercise, or it does not ask for a function.
        """
        chosen = find_exercise(name)
        if chosen.function is None:
            raise UsageError(
                msg("The exercise {name} does not ask for a function.", name=name),
                next_step=msg('It is solved on the cluster: t.exercise("{name}") says how.', name=name),
            )

        def marked(function: LearnerFunction) -> AnswerCell:
            self._places[name] = AnswerCell(chosen, function, self._look, self._say)
            return self._places[name]

        return marked

    def forget(self, name: str = "") -> None:
        """Opens a place again; all of them without a name."""
        for known in [name] if name else list(self._places):
            self._places.pop(known, None)

    @property
    def functions(self) -> dict[str, LearnerFunction]:
        """The learner's functions, by exercise."""
        return {name: place.function for name, place in self._places.items()}
