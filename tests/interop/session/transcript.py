"""A chapter of the session: plain text that reads like a terminal, `$ command`, then what it prints.

    # Lines with a hash in front tell the reader why.

    $ kubectl get pods
    No resources found in NAMESPACE namespace.

A command may go on over lines that begin with `> `. Where the embedded cluster cannot be like a real one, both answers
stand there, under `[real]` and `[embedded]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Chapter", "Step"]

_MARKS = ("[real]", "[embedded]")


@dataclass
class Step:
    """One command.

    Attributes:
        prose: The comment lines above it, as they stand.
        command: For the shell, its lines without the prompts.
        real: What it prints on real Kubernetes, normalised.
        embedded: What it prints on the embedded cluster; None for the same.
    """

    prose: list[str]
    command: str
    real: str = ""
    embedded: str | None = None

    def expected(self, *, embedded: bool) -> str:
        """What it shall print on one of the two."""
        return self.embedded if embedded and self.embedded is not None else self.real


@dataclass
class Chapter:
    """A chapter of the session."""

    name: str
    steps: list[Step] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, name: str, text: str) -> Chapter:
        """From its text."""
        chapter = cls(name)
        prose: list[str] = []
        blocks: list[list[str]] = []
        before = ""
        for line in text.splitlines():
            if line.startswith("$ "):
                chapter.steps.append(Step(prose, line[2:]))
                prose, blocks = [], [[]]
            elif line.startswith("> ") and blocks == [[]]:
                chapter.steps[-1].command += "\n" + line[2:]
            elif (line.startswith("# ") and not before) or not blocks:  # "# " may be in an output, after no blank line
                prose.append(line)
                blocks = []
            elif line in _MARKS:
                blocks.append([])
            else:
                blocks[-1].append(line)
            before = line
            if blocks:
                outputs = ["\n".join(block).strip("\n") for block in blocks]
                chapter.steps[-1].real = outputs[0] or (outputs[1] if len(outputs) > 1 else "")
                chapter.steps[-1].embedded = outputs[2] if len(outputs) > 2 else None
        chapter.closing = prose
        return chapter

    def text(self) -> str:
        """Its text; reading it gives the same chapter."""
        parts = []
        for step in self.steps:
            lines = [*_paragraph(step.prose), "$ " + step.command.replace("\n", "\n> ")]
            if step.embedded is None:
                lines += [step.real] if step.real else []
            else:
                lines += ["[real]", step.real, "[embedded]", step.embedded]
            parts.append("\n".join(lines))
        parts += ["\n".join(_paragraph(self.closing)).strip("\n")] if self.closing else []
        return "\n\n".join(parts).strip("\n") + "\n"


def _paragraph(prose: list[str]) -> list[str]:
    """Comment lines, and one blank line between them and the command where the author left one."""
    text = "\n".join(prose).strip("\n")
    if not text:
        return []
    return [*text.split("\n"), ""] if prose[-1] == "" else text.split("\n")
