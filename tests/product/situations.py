"""What a learner may type that is wrong, and what is answered: transcripts in both languages, played in a kernel.

A chapter in `situations/` is a text file. A situation begins with `## its name`; below stand the cells that lead there,
each behind `>>> ` (or a command line behind `$ `), and what the last one answers, behind `--- en` and `--- zh`. Where
an answer may differ from run to run, or with each new lesson, `…` stands for anything.

    python -m tests.product.situations        writes the answers that are there now into the chapters, to be read
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.product.conftest import Kernel

CHAPTERS = Path(__file__).parent / "situations"
LANGUAGES = ("en", "zh")
BEGIN = """
def command_line(line):
    from k8s_tutor.cli import main
    try:
        main(line.split())
    except SystemExit:
        pass

from k8s_tutor import connect
t = connect("embedded", language={language!r})
"""


@dataclass
class Situation:
    """One of them.

    Attributes:
        name: What is wrong.
        cells: What is typed; the last one's answer counts.
        answers: By language.
    """

    name: str
    cells: list[str]
    answers: dict[str, str] = field(default_factory=dict)

    def play(self, kernel: Kernel) -> str:
        """Types it, and returns what stands below the last cell."""
        for cell in self.cells:
            output = kernel.run(_python(cell))
        lines = [line.rsplit("\r", 1)[-1] for line in output.text.split("\n")]  # a progress line writes over itself
        return "\n".join(line.rstrip() for line in (*lines, *output.error.split("\n")) if line.strip())

    def answers_as_told(self, language: str, shown: str) -> bool:
        """Whether that is what is written down."""
        pattern = ".*".join(map(re.escape, self.answers.get(language, "").split("…")))
        return re.fullmatch(pattern, shown, re.DOTALL) is not None

    def text(self) -> str:
        """As it stands in a chapter."""
        told = [f"--- {language}\n{self.answers[language]}" for language in LANGUAGES if language in self.answers]
        return "\n".join([f"## {self.name}", *self.cells, *told])


def _python(cell: str) -> str:
    """A cell as it is typed; a command line runs in the kernel, where starting Python anew would take a second."""
    if cell.startswith("$ k8s-tutor"):
        return f"command_line({cell.removeprefix('$ k8s-tutor').strip()!r})"
    return cell.removeprefix(">>> ")


def read_chapter(path: Path) -> Iterator[Situation]:
    """The situations of a chapter."""
    for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        typed, *told = re.split(r"^--- (en|zh)\n", rest, flags=re.MULTILINE)
        cells = re.split(r"\n(?=>>> |\$ )", typed.strip())
        answers = {language: text.strip() for language, text in zip(told[::2], told[1::2], strict=True)}
        yield Situation(name.strip(), cells, answers)


def begin(start: Callable[..., Kernel], language: str) -> Kernel:
    """A kernel with the embedded cluster, in one language, of somebody who has tried nothing yet.

    The built-in kubectl is there on every machine.
    """
    home = tempfile.mkdtemp(prefix="learner-", dir=os.environ["K8S_TUTOR_HOME"])
    kernel = start(K8S_TUTOR_HOME=home, K8S_TUTOR_LANG=language, K8S_TUTOR_PACE="awaited", K8S_TUTOR_KUBECTL="builtin")
    assert kernel.run(BEGIN.format(language=language)).error == ""
    return kernel


def _record(chosen: list[str]) -> None:
    from tests.product.conftest import start_kernel  # noqa: PLC0415

    kernels = {language: begin(start_kernel, language) for language in LANGUAGES}
    for path in sorted(CHAPTERS.glob("*.txt")):
        if chosen and path.stem not in chosen:
            continue
        head = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[0].strip()
        found = list(read_chapter(path))
        for language, kernel in kernels.items():
            kernel.run('t.lesson("pods")')
            for situation in found:
                shown = situation.play(kernel)
                if not situation.answers_as_told(language, shown):
                    situation.answers[language] = shown
        text = "\n\n".join([head, *(situation.text() for situation in found)])
        path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    for kernel in kernels.values():
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    os.environ["K8S_TUTOR_HOME"] = home = tempfile.mkdtemp(prefix="k8s-tutor-situations-")
    os.environ["KUBECONFIG"] = str(Path(home) / "none")
    os.environ["K8S_TUTOR_CLUSTER"] = "embedded"
    _record(sys.argv[1:])
