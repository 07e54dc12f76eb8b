"""Two sketches: what was missed at the door, and the parts of a controller."""

from __future__ import annotations

from k8s_tutor.render.sketch import Sheet, Sketch

__all__ = ["PICTURES"]

# ---- Edge and level: the guests of the lesson

_LEFT, _STEP, _BASE, _UNIT = 148, 76, 222, 34  # where time begins; a change; zero guests; one guest
_CHANGES = (("ann", 1), ("ben", 1), ("cem", 1), ("ben", -1), ("dee", 1), ("ann", -1), ("cem", -1), ("eve", 1))
_LUNCH = range(4, 7)  # the changes that nobody saw


def _at(moment: float, guests: int) -> tuple[float, float]:
    return _LEFT + _STEP * moment, _BASE - _UNIT * guests


def _steps(changes: list[int]) -> list[tuple[float, float]]:
    """A line that goes up and down with the changes."""
    points, guests = [_at(0, 0)], 0
    for moment, change in enumerate(changes):
        points.append(_at(moment + 0.5, guests))
        guests += change
        points.append(_at(moment + 0.5, guests))
    return [*points, _at(len(changes) + 0.3, guests)]


def _level(sheet: Sheet) -> None:
    say = sheet.say
    x1, x2 = _at(_LUNCH.start, 0)[0], _at(_LUNCH.stop, 0)[0]
    sheet.box((x1, 64, x2 - x1, 170), look="room gap")
    sheet.words(((x1 + x2) / 2, 82), say("lunch: nobody listens", "午饭：没有人在听"), tone="soft", room=x2 - x1)
    sheet.words((16, 36), say("events", "事件"), size=13, tone="ink", look="bold start")
    for moment, (name, change) in enumerate(_CHANGES):
        x = _at(moment + 0.5, 0)[0]
        missed = moment in _LUNCH
        word = ("+ " if change > 0 else "− ") + name
        sheet.words((x, 36), word, tone="soft" if missed else "ink")
        if missed:
            sheet.cross(x, 50)
        else:
            sheet.dot(x, 50)
    sheet.words((16, 150), say("guests", "客人"), size=13, tone="ink", look="bold start")
    for guests in range(4):
        sheet.words((_LEFT - 12, _at(0, guests)[1] + 4), str(guests), look="end")
    sheet.line(_at(0, 0), _at(8.3, 0), tone="line")
    heard = [0 if moment in _LUNCH else change for moment, (_, change) in enumerate(_CHANGES)]
    sheet.line(*[(x, y - 3) for x, y in _steps(heard)], tone="warn", gap=True, strong=True)
    sheet.line(*[(x, y + 3) for x, y in _steps([change for _, change in _CHANGES])], tone="ok", strong=True)
    for moment, guests in ((4, 2), (8, 2)):
        sheet.dot(_at(moment, 0)[0], _at(0, guests)[1] + 3, tone="ok", hollow=True)
    sheet.words((_at(8.35, 0)[0], _at(0, 3)[1]), say("clicker: 3", "计数器：3"), tone="warn", look="bold start")
    sheet.words((_at(8.35, 0)[0], _at(0, 2)[1] + 8), say("room: 2", "房间：2"), tone="ok", look="bold start")
    sheet.words((_LEFT, 262), say("broken line: counted by edges", "虚线：按边沿来数"), tone="warn", look="start")
    whole = say("whole line: the level; each look (○) finds it", "实线：电平；每看一眼（○）都落在上面")
    sheet.words((_LEFT + 260, 262), whole, tone="ok", look="start")


# ---- The parts of a controller


def _parts(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((16, 40, 150, 250), say("API server", "API 服务器"), say("holds all objects", "保存所有对象"))
    sheet.box((226, 16, 718, 298), look="room")
    sheet.words((242, 40), say("your controller", "你的控制器"), size=13, look="bold start")
    sheet.arrow((166, 94), (290, 94), moving=True)
    sheet.words((258, 84), say("1 list", "1 列出"), tone="ink")
    sheet.arrow((166, 124), (290, 124), moving=True)
    sheet.words((258, 142), say("2 watch", "2 监视"), tone="ink")
    sheet.box((290, 70, 170, 76), say("cache", "缓存"), say("objects as they are now", "对象现在的样子"))
    sheet.arrow((375, 146), (375, 206), moving=True)
    sheet.words((384, 182), say("its name", "它的名字"), look="start")
    sheet.box((290, 206, 170, 84), say("queue", "队列"), say("names, each once", "名字，每个一份"))
    sheet.arrow((460, 108), (540, 108))
    sheet.words((500, 98), say("look", "看"), tone="ink")
    sheet.arrow((460, 228), (506, 228), (506, 180), (540, 180), moving=True)
    sheet.words((500, 246), say("a name", "一个名字"))
    sheet.box((540, 70, 390, 146), tone="flow", look="bare")
    sheet.words((735, 92), say("a run", "一轮"), size=13, tone="ink", look="bold")
    names = (
        ("① ", say("observe", "观察"), say("what is wanted,", "期望什么，"), say("what is there", "现有什么")),
        ("② ", say("analyse", "分析"), say("what is", "缺什么，"), say("the difference", "多什么")),
        ("③ ", say("act", "行动"), say("one step", "做一步，"), say("closer", "靠近一点")),
    )
    for index, (number, title, one, two) in enumerate(names):
        x = 552 + 125 * index
        sheet.box((x, 106, 116, 98), number + title, one, two, tone="flow")
        if index:
            sheet.arrow((x - 9, 155), (x, 155))
    sheet.arrow((600, 216), (600, 268), (460, 268), tone="warn", gap=True)
    sheet.words((612, 262), say("not done? back into the queue", "没做成？放回队列"), tone="warn", look="start")
    sheet.arrow((860, 204), (860, 344), (91, 344), (91, 290), moving=True)
    sheet.words((476, 336), say("create, change, delete: and that is the next event", "创建、修改、删除：而这又是下一个事件"))


PICTURES = (
    Sketch(
        "level", 900, 276, _level,
        {"en": "Edge and level", "zh": "边沿与电平"},
        {
            "en": "Eight changes in a row: ann, ben and cem come, ben leaves; then, during lunch, dee comes, ann and cem "
            "leave; then eve comes. A broken line counts the changes that were heard: it misses the three at lunch and "
            "ends at 3. A whole line is how many guests there are: it ends at 2. A look finds the whole line each time.",
            "zh": "接连八个变化：ann、ben、cem 来，ben 走；然后是午饭时间，dee 来，ann 和 cem 走；然后 eve 来。虚线只数听到的变化：漏掉午饭时的三个，最后停在 3。实线是真正的客人数：最后是 2。看一眼，每次都落在实线上。",
        },
    ),
    Sketch(
        "parts", 960, 360, _parts,
        {"en": "The parts of a controller", "zh": "控制器的零件"},
        {
            "en": "The API server holds all objects. From it, one list and then a watch fill the controller's cache. "
            "Each change puts the object's name into the queue, each name once. A run takes one name, looks into the "
            "cache, and goes through observe, analyse and act. What it does goes to the API server, and is the next "
            "event. What was not done goes back into the queue.",
            "zh": "API 服务器保存所有对象。先列出一次，再监视，就把控制器的缓存填满。每个变化把对象的名字放进队列，每个名字只有一份。一轮取一个名字，看一看缓存，走过观察、分析、行动。它做的事交给 API 服务器，而这又是下一个事件。没做成的，名字放回队列。",
        },
    ),
)  # fmt: skip
"""In the order of the lesson."""
