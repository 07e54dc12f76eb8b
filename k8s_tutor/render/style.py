"""How pictures look: CSS variables, their values in light and dark, and the rules that use them.

A picture in an `<img>` sees nothing of the page around it and follows `prefers-color-scheme`; the live widget is part
of JupyterLab's page and takes its theme variables first.
"""

from __future__ import annotations

__all__ = ["FONT", "live_css", "static_css"]

FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"

_LIGHT = {
    "page": "#ffffff", "card": "#ffffff", "lane": "#f5f7fa", "line": "#c9d1dc", "own": "#8a97a8", "ink": "#1b2533",
    "soft": "#5d6b7e", "flow": "#2f6fde", "ok": "#1f7a4d", "warn": "#9a5b00", "bad": "#b3261e", "wait": "#5d6b7e",
}  # fmt: skip
_DARK = {
    "page": "#12161c", "card": "#1b222c", "lane": "#161c24", "line": "#3a4656", "own": "#7d8b9e", "ink": "#e8edf4",
    "soft": "#9aa8ba", "flow": "#7fb0ff", "ok": "#5ccf94", "warn": "#f0b357", "bad": "#ff8a80", "wait": "#9aa8ba",
}  # fmt: skip
_JUPYTER = {
    "page": "--jp-layout-color0",
    "card": "--jp-layout-color1",
    "line": "--jp-border-color1",
    "ink": "--jp-content-font-color1",
    "soft": "--jp-content-font-color2",
}

RULES = """
.page{fill:var(--page)}.lane{fill:var(--lane)}
.head{fill:var(--soft);font-size:11px;font-weight:600;letter-spacing:.04em}
.card,.behind{fill:var(--card);stroke:var(--line);stroke-width:1.25}.inner{fill:var(--lane);stroke:var(--line)}
.kind,.fact,.note{fill:var(--soft);font-size:11.5px}.kind{font-size:11px}
.name{fill:var(--ink);font-size:14px;font-weight:600}.inner-name{fill:var(--ink);font-size:13px;font-weight:600}
.word{font-size:11.5px;font-weight:600}.mark{stroke:none}
.good>.card{stroke:var(--ok)}.unready>.card{stroke:var(--warn);stroke-width:1.5}
.failing>.card{stroke:var(--bad);stroke-width:2.25}.waiting>.card{stroke:var(--wait);stroke-dasharray:4 3}
.leaving>.card{stroke:var(--wait);stroke-dasharray:1.5 3}.absent>.card{stroke:var(--wait);stroke-dasharray:7 5}
.leaving text,.absent>.name{opacity:.75}.absent>.card{fill:none}
.good>.word{fill:var(--ok)}.unready>.word{fill:var(--warn)}.failing>.word{fill:var(--bad)}
.waiting>.word,.leaving>.word,.absent>.word,.done>.word,.plain>.word{fill:var(--soft)}
.good>.mark{color:var(--ok)}.unready>.mark{color:var(--warn)}.failing>.mark{color:var(--bad)}
.waiting>.mark,.leaving>.mark,.absent>.mark,.done>.mark{color:var(--wait)}
.edge{fill:none;stroke-width:1.75;stroke:var(--flow)}.tip{fill:var(--flow)}.ring{fill:var(--page);stroke:var(--own)}
.owns .edge{stroke:var(--own);stroke-width:1.25}.runs-on .edge{stroke:var(--own);stroke-width:1.25}
.uses .edge{stroke:var(--own);stroke-width:1.25;stroke-dasharray:1.5 3}.runs-on .tip,.uses .tip{fill:var(--own)}
.broken .edge{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:5 4}.broken .tip{fill:var(--warn)}
.wait .edge{stroke:var(--wait);stroke-width:1.5;stroke-dasharray:2 4}.wait .tip{fill:var(--wait)}
.guide{fill:none;stroke:var(--own)}
.tag{fill:var(--page);stroke:var(--line)}.broken .tag{stroke:var(--warn)}.cross{stroke:var(--warn);stroke-width:1.75}
.track{fill:var(--lane);stroke:var(--line);stroke-width:.75}.bar,.dot{fill:var(--flow)}
.count{fill:var(--ink);font-size:12px;font-weight:600}.moving{display:none}.broken .dot{fill:var(--warn)}
.now>.card{stroke:var(--flow);stroke-width:2}.wrong{fill:var(--bad);font-size:11.5px}
.track-line{stroke:var(--line);stroke-width:4;stroke-linecap:round}
.past-line{stroke:var(--flow);stroke-width:4;stroke-linecap:round}
.acted{fill:var(--flow)}.idle{fill:var(--page);stroke:var(--flow);stroke-width:1.75}
.trouble{fill:var(--page);stroke:var(--bad);stroke-width:2}
.tag-text{fill:var(--ink);font-size:11px}
.node:focus{outline:none}.node:focus-visible .card{stroke:var(--flow);stroke-width:3}
"""


MOTION = "@media(prefers-reduced-motion:no-preference){.moving{display:inline}.still{display:none}}"


def static_css() -> str:
    """For a picture that stands alone: both schemes, chosen by `prefers-color-scheme`."""
    return (
        f"svg{{{_values(_LIGHT)}}}@media(prefers-color-scheme:dark){{svg{{{_values(_DARK)}}}}}{_compact(RULES)}{MOTION}"
    )


def live_css() -> str:
    """For the widget: JupyterLab's theme variables first; dark where the page says that its theme is dark."""
    scope = ".k8s-tutor-live"
    dark = f'[data-jp-theme-light="false"] {scope},.vscode-dark {scope},html[theme="dark"] {scope}'
    free = f"body:not([data-jp-theme-light]):not(.vscode-light) {scope}"
    alone = f"@media(prefers-color-scheme:dark){{{free}{{{_values(_DARK)}}}}}"
    return f"{scope}{{{_values(_LIGHT, themed=True)}}}{alone}{dark}{{{_values(_DARK, themed=True)}}}{_scoped(scope)}"


def _values(colours: dict[str, str], *, themed: bool = False) -> str:
    pairs = []
    for name, colour in colours.items():
        if themed and name == "lane":  # between page and card in either theme; Jupyter has no such colour
            page, grey = f"var(--jp-layout-color0,{colours['page']})", f"var(--jp-layout-color2,{colour})"
            pairs.append(f"--lane:color-mix(in srgb,{grey} 40%,{page})")
            continue
        theme = _JUPYTER.get(name) if themed else None
        pairs.append(f"--{name}:var({theme},{colour})" if theme else f"--{name}:{colour}")
    return ";".join(pairs)


def _compact(css: str) -> str:
    return css.replace("\n", "")


def _scoped(scope: str) -> str:
    rules = [rule.strip() for rule in _compact(RULES).split("}") if rule.strip()]
    return "".join(f"{_prefixed(rule.partition('{')[0], scope)}{{{rule.partition('{')[2]}}}" for rule in rules)


def _prefixed(selectors: str, scope: str) -> str:
    return ",".join(f"{scope} {selector.strip()}" for selector in selectors.split(","))
