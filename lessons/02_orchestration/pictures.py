"""Four sketches: a Dockerfile becomes layers, one image and its containers, one computer alone, and the four jobs."""

from __future__ import annotations

from k8s_tutor.render.sketch import Sheet, Sketch

__all__ = ["PICTURES"]

# ---- A Dockerfile becomes layers

_LINES = (
    "FROM python:3.11-slim",
    "WORKDIR /app",
    "COPY requirements.txt .",
    "RUN pip install -r …",
    "COPY shop.py .",
    "USER 1000",
    'CMD ["python", "shop.py"]',
)
_TOP, _STEP, _HIGH = 62, 38, 30  # the first row; from row to row; a layer


def _layers(sheet: Sheet) -> None:
    say = sheet.say
    names = (
        say("Debian and Python", "Debian 和 Python"),
        say("an empty folder", "一个空文件夹"),
        "requirements.txt",
        say("what pip installed", "pip 安装的东西"),
        "shop.py",
        say("who runs it", "由谁运行"),
        say("what is run", "运行什么"),
    )
    heads = (
        (135, "Dockerfile"),
        (404, say("the first build", "第一次构建")),
        (644, say("shop.py changes: built again", "shop.py 改了：再构建")),
    )
    sheet.box((16, 16, 238, 318), look="room")
    for x, head in heads:
        sheet.words((x, 40), head, size=13, tone="ink", look="bold")
    for row, (line, name) in enumerate(zip(_LINES, names, strict=True)):
        y, files = _TOP + _STEP * row, row < 5
        sheet.words((30, y + 20), line, tone="ink", look="mono start", room=216)
        sheet.arrow((254, y + 15), (314, y + 15), tone="flow" if files else "own", gap=not files, moving=files)
        for x, tone in ((314, "flow"), (554, "warn" if row == 4 else "line")):
            sheet.box((x, y, 180, _HIGH), tone=tone if files else "line", look="" if files else "gap")
            sheet.words((x + 90, y + 19), name, tone="ink" if files else "soft", room=168)
            if row:
                sheet.line((x + 90, y + _HIGH - _STEP), (x + 90, y), tone="line")
    marks = (
        (0, 4, "ok", say("as they were: nothing is", "和原来一样："), say("fetched, nothing installed", "不用再下载和安装")),
        (4, 5, "warn", say("made again, and all below it", "重新做，下面的也都重新做"), ""),
        (5, 7, "own", say("no files: words that go", "没有文件：只是写进"), say("into the description", "镜像说明里的话")),
    )
    for first, end, tone, one, two in marks:
        top, bottom = _TOP + _STEP * first + 2, _TOP + _STEP * end - 10
        sheet.line((746, top), (746, bottom), tone=tone, strong=True)
        middle = (top + bottom) / 2 + (5 if not two else -4)
        sheet.words((758, middle), one, tone="ink", look="start", room=198)
        if two:
            sheet.words((758, middle + 18), two, tone="ink", look="start", room=198)


# ---- One image and its containers


def _containers(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((300, 176, 360, 128), look="room")
    sheet.words((480, 200), say("one image: nobody writes into it", "一个镜像：谁也不往里写"), size=13, tone="ink", look="bold")
    for index, name in enumerate(("shop.py", say("what pip installed", "pip 安装的东西"), say("Debian and Python", "Debian 和 Python"))):
        sheet.box((330, 212 + 30 * index, 300, 24), tone="flow")
        sheet.words((480, 228 + 30 * index), name, tone="ink")
    rows = (
        (80, say("container 1", "容器 1"), say("a program that runs", "一个在运行的程序"), "/app/note", "ok"),
        (380, say("container 2", "容器 2"), say("a program that runs", "一个在运行的程序"), say("(nothing yet)", "（还什么都没有）"), "ok"),
        (680, say("container 3", "容器 3"), say("has ended", "已经结束"), say("gone with it", "跟着没了"), "bad"),
    )
    for x, title, state, note, tone in rows:
        gone = tone == "bad"
        sheet.box((x, 16, 200, 62), title, state, tone=tone, look="gap" if gone else "")
        sheet.box((x, 90, 200, 40), tone="bad" if gone else "warn", look="gap")
        sheet.words((x + 100, 108), say("its own thin layer", "自己的薄薄一层"), tone="ink")
        sheet.words((x + 100, 124), note, look="mono", room=190)
        if gone:
            sheet.cross(x + 186, 110)
    sheet.arrow((400, 176), (180, 130), moving=True)
    sheet.arrow((480, 176), (480, 130), moving=True)
    sheet.line((560, 176), (780, 130), tone="line", gap=True)
    sheet.words((262, 172), say("reads", "读"), tone="ink", look="end")
    sheet.words((16, 240), say("What a container writes", "容器写下的东西"), tone="ink", look="start")
    sheet.words((16, 258), say("stays in its own layer,", "只留在自己那一层，"), look="start")
    sheet.words((16, 276), say("and ends with it.", "也跟着它结束。"), look="start")


# ---- One computer alone: what `docker run` leaves to you

_WIDE, _GAP = 224, 12  # a panel; between two


def _panel(sheet: Sheet, index: int, title: str, *lines: str) -> float:
    """An empty panel with its words; gives its left edge."""
    x = 14 + (_WIDE + _GAP) * index
    sheet.box((x, 14, _WIDE, 252), look="room")
    sheet.words((x + _WIDE / 2, 40), title, size=14, tone="ink", look="bold", room=_WIDE - 12)
    for number, line in enumerate(lines):
        sheet.words((x + _WIDE / 2, 234 + 18 * number), line, room=_WIDE - 10)
    return x


def _alone(sheet: Sheet) -> None:
    say = sheet.say
    x = _panel(sheet, 0, say("a second machine", "第二台机器"), say("this Docker starts programs", "这个 Docker 只在"), say("on this machine only", "这台机器上启动程序"))
    sheet.box((x + 20, 70, 80, 90), look="gap")
    for row in range(3):
        sheet.box((x + 28, 78 + 26 * row, 64, 20), tone="warn")
        sheet.words((x + 60, 92 + 26 * row), "shop", tone="ink", look="mono")
    sheet.words((x + 60, 180), say("full", "满了"), tone="warn", look="bold")
    sheet.box((x + 130, 70, 80, 90), look="gap")
    sheet.words((x + 170, 180), say("idle", "闲着"))
    sheet.arrow((x + 100, 115), (x + 128, 115), tone="bad", gap=True)
    sheet.cross(x + 114, 98)

    x = _panel(sheet, 1, say("a dead one", "坏掉一台"), say("who was to restart it", "负责重启的那一位，"), say("was on it, too", "也在那台机器上"))
    sheet.box((x + 62, 70, 100, 90), tone="bad", look="gap")
    sheet.box((x + 76, 84, 72, 24), tone="bad", look="gap")
    sheet.words((x + 112, 101), "shop", look="mono")
    sheet.words((x + 112, 132), "--restart", look="mono")
    sheet.words((x + 112, 148), "=always", look="mono")
    sheet.cross(x + 150, 82)
    sheet.words((x + 112, 180), say("no power", "断电了"), tone="bad", look="bold")

    x = _panel(sheet, 2, say("an update", "一次更新"), say("first stop, then run:", "先 stop，再 run："), say("in between nobody answers", "中间没有人回答"))
    sheet.box((x + 14, 92, 70, 34), tone="ok")
    sheet.words((x + 49, 113), "shop:1", tone="ink", look="mono")
    sheet.box((x + 84, 92, 58, 34), tone="bad", look="bare gap")
    sheet.words((x + 113, 113), "?", tone="bad", size=15, look="bold")
    sheet.box((x + 142, 92, 70, 34), tone="ok")
    sheet.words((x + 177, 113), "shop:2", tone="ink", look="mono")
    sheet.arrow((x + 14, 150), (x + 212, 150), tone="own", moving=True)
    sheet.words((x + 113, 172), say("time", "时间"))

    x = _panel(sheet, 3, say("a name", "一个名字"), say("another run, another address:", "再启动一次，地址就变了："), say("who tells those who ask?", "谁去告诉来问的人？"))
    sheet.box((x + 14, 96, 74, 40))
    sheet.words((x + 51, 120), say("customer", "顾客"), tone="ink", room=70)
    sheet.box((x + 140, 66, 70, 34), tone="line", look="gap")
    sheet.words((x + 175, 87), "…0.2", look="mono")
    sheet.box((x + 140, 136, 70, 34), tone="ok")
    sheet.words((x + 175, 157), "…0.3", tone="ink", look="mono")
    sheet.arrow((x + 88, 108), (x + 138, 84), tone="bad", gap=True)
    sheet.cross(x + 112, 84)
    sheet.words((x + 112, 150), "?", tone="warn", size=15, look="bold")


# ---- The four jobs of an orchestrator


def _jobs(sheet: Sheet) -> None:
    say = sheet.say
    x = _panel(sheet, 0, say("deploy", "部署"), say("you say how many, of what,", "你说要几个、要什么、"), say("and under which name", "叫什么名字"))
    sheet.box((x + 14, 86, 80, 50))
    sheet.words((x + 54, 116), "3 × shop:1", tone="ink", look="mono", room=78)
    for row in range(3):
        y = 66 + 36 * row
        sheet.arrow((x + 94, 111), (x + 140, y + 13), moving=True)
        sheet.box((x + 140, y, 70, 26), tone="ok")
        sheet.words((x + 175, y + 17), "shop:1", tone="ink", look="mono")
    sheet.words((x + 112, 202), say("instead of docker run", "代替 docker run"), tone="own")

    x = _panel(sheet, 1, say("plan", "安排"), say("it finds a machine for each,", "它给每一个找一台机器，"), say("with room, and spread out", "有地方，还要分散开"))
    sheet.box((x + 30, 54, 72, 24), tone="flow")
    sheet.words((x + 66, 70), "shop", tone="ink", look="mono")
    for column, count in enumerate((2, 1)):
        left = x + 20 + 104 * column
        sheet.box((left, 88, 80, 94), look="gap")
        for row in range(count):
            sheet.box((left + 8, 150 - 32 * row, 64, 24), tone="ok")
            sheet.words((left + 40, 166 - 32 * row), "shop", tone="ink", look="mono")
    sheet.arrow((x + 102, 66), (x + 164, 66), (x + 164, 116), moving=True)
    sheet.words((x + 112, 202), say("for the second machine", "为了第二台机器"), tone="own")

    x = _panel(sheet, 2, say("update", "更新"), say("a few at a time: some", "一次换几个："), say("are always there to answer", "总有人在回答"))
    for row, name in enumerate(("shop:2", "shop:1", "shop:1")):
        y = 66 + 36 * row
        sheet.box((x + 116, y, 80, 26), tone="flow" if row == 0 else "line")
        sheet.words((x + 156, y + 17), name, tone="ink", look="mono")
        sheet.arrow((x + 36, 112), (x + 114, y + 13), tone="ok", moving=True)
    sheet.words((x + 18, 84), say("requests", "请求"), look="start")
    sheet.words((x + 112, 202), say("instead of stop and run", "代替 stop 再 run"), tone="own")

    x = _panel(sheet, 3, say("maintain", "维护"), say("one is missing? It counts,", "少了一个？它数一数，"), say("and makes another", "再造一个"))
    for row in range(3):
        y = 66 + 36 * row
        gone = row == 1
        sheet.box((x + 20, y, 80, 26), tone="bad" if gone else "ok", look="gap" if gone else "")
        sheet.words((x + 60, y + 17), "shop", tone="ink", look="mono")
    sheet.cross(x + 92, 115)
    sheet.box((x + 134, 102, 76, 26), tone="flow")
    sheet.words((x + 172, 119), say("a new one", "一个新的"), tone="ink", room=74)
    sheet.arrow((x + 132, 115), (x + 102, 115), moving=True)
    sheet.words((x + 112, 202), say("for the dead one", "为了坏掉的那台"), tone="own")


PICTURES = (
    Sketch(
        "layers", 960, 350, _layers,
        {"en": "A Dockerfile becomes layers", "zh": "Dockerfile 变成一层一层"},
        {
            "en": "On the left a Dockerfile of seven lines. The first five make a layer each, one upon the other: Debian "
            "and Python, an empty folder, requirements.txt, what pip installed, shop.py. The last two only say who runs "
            "it, and what is run. On the right shop.py has changed: its layer is made again, and all that come after it; "
            "the four before it are as they were, and nothing is fetched or installed.",
            "zh": "左边是一个七行的 Dockerfile。前五行各做一层，一层叠一层：Debian 和 Python、一个空文件夹、requirements.txt、pip 安装的东西、shop.py。最后两行只说明谁来运行、运行什么。右边，shop.py 改了：它那一层重新做，它后面的也都重新做；它前面的四层和原来一样，不用再下载，也不用再安装。",
        },
    ),
    Sketch(
        "containers", 960, 320, _containers,
        {"en": "One image, three containers", "zh": "一个镜像，三个容器"},
        {
            "en": "Below, one image of three layers; nobody writes into it. Above, three containers that read it, each "
            "with a thin layer of its own on top. Container 1 has written a note into its layer, container 2 nothing "
            "yet. Container 3 has ended, and its layer is gone with it.",
            "zh": "下面是一个三层的镜像，谁也不往里写。上面是读它的三个容器，各自顶上有薄薄的一层。容器 1 在自己那层写了一张便条，容器 2 还什么都没写。容器 3 已经结束，它那一层也跟着没了。",
        },
    ),
    Sketch(
        "alone", 960, 280, _alone,
        {"en": "What docker run leaves to you", "zh": "docker run 留给你的事"},
        {
            "en": "Four pictures. A second machine: the first is full, the second idle, and this Docker starts programs on "
            "its own machine only. A dead one: who was to restart the program was on it, too. An update: first stop, "
            "then run; in between nobody answers. A name: another run has another address, and nobody tells the "
            "customers.",
            "zh": "四幅图。第二台机器：第一台满了，第二台闲着，而这个 Docker 只在自己这台机器上启动程序。坏掉一台：负责重启程序的那一位，也在那台机器上。一次更新：先 stop，再 run，中间没有人回答。一个名字：再启动一次，地址就变了，没有人告诉顾客。",
        },
    ),
    Sketch(
        "jobs", 960, 280, _jobs,
        {"en": "The four jobs of an orchestrator", "zh": "编排系统的四件事"},
        {
            "en": "Four pictures. Deploy: you say how many, of what, and under which name, and they are started. Plan: "
            "it finds a machine for each, with room, and spread out. Update: a few at a time, so that some are always "
            "there to answer. Maintain: one is missing, so it counts, and makes another.",
            "zh": "四幅图。部署：你说要几个、要什么、叫什么名字，它们就被启动。安排：它给每一个找一台机器，有地方，还要分散开。更新：一次换几个，总有人在回答。维护：少了一个，它数一数，再造一个。",
        },
    ),
)  # fmt: skip
"""In the order of the lesson."""
