import io

from k8s_tutor.session.display import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _line(stream: io.StringIO, times: list[float]) -> ProgressLine:
    moments = iter(times)
    return ProgressLine(stream, lambda: next(moments))


def test_what_is_over_at_once_shows_nothing() -> None:
    stream = Terminal()
    line = _line(stream, [0.0, 0.1])
    line.update("waiting")
    line.clear()
    assert stream.getvalue() == ""


def test_a_line_writes_over_itself_and_is_gone_at_the_end() -> None:
    stream = Terminal()
    line = _line(stream, [0.0, 1.0, 1.0, 2.0, 2.0])
    line.update("waiting long")
    line.update("soon")
    line.clear()
    assert stream.getvalue() == "\rwaiting long\rsoon        \r    \r"


def test_nobody_looking_means_nothing_written() -> None:
    stream = io.StringIO()
    line = _line(stream, [0.0, 9.0, 9.0])
    line.update("waiting")
    assert stream.getvalue() == ""
