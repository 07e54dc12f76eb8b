from __future__ import annotations

import pytest

from k8s_tutor.lab import is_headless


@pytest.mark.parametrize(
    ("environment", "platform", "headless"),
    [
        pytest.param({}, "linux", True, id="a server without a screen"),
        pytest.param({"DISPLAY": ":0"}, "linux", False, id="a desktop"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False, id="a newer desktop"),
        pytest.param({}, "darwin", False, id="a Mac"),
        pytest.param({}, "win32", False, id="Windows"),
        pytest.param({"SSH_CONNECTION": "a b c d"}, "darwin", True, id="a Mac over ssh"),
        pytest.param({"BROWSER": "wslview"}, "linux", False, id="whoever names a browser"),
    ],
)
def test_no_browser_is_opened_where_nobody_would_see_it(
    environment: dict[str, str], platform: str, *, headless: bool
) -> None:
    assert is_headless(environment, platform) is headless
