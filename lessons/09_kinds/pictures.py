"""Four sketches: how definitions came about, the road of an object, its doors, and its versions."""

from __future__ import annotations

from k8s_tutor.render.sketch import Sheet, Sketch

__all__ = ["PICTURES"]


def _history(sheet: Sheet) -> None:
    say = sheet.say
    stops = (
        ("2016", say("a word", "一个词"), say("and anything", "写什么"), say("may be written", "都可以")),
        ("2017", say("a schema", "模式"), say("good from bad,", "分辨好坏，"), say("the whole cluster", "整个集群")),
        ("2018", say("doors, versions", "门和版本"), say("status, scale,", "status、scale、"), say("columns", "列")),
        ("2019", say("defaults", "默认值"), say("unknown fields go;", "丢掉不认识的；"), say("stable", "稳定")),
        ("2023", say("rules", "规则"), say("field against field,", "字段比字段，"), say("new against old", "新的比旧的")),
    )
    sheet.box((16, 16, 180, 40), "ThirdPartyResource", tone="warn", look="gap")
    sheet.box((212, 16, 732, 40), "CustomResourceDefinition", tone="flow")
    sheet.arrow((16, 92), (944, 92), tone="own")
    for index, (year, title, *lines) in enumerate(stops):
        x = 100 + 190 * index
        tone = "warn" if index == 0 else "flow"
        sheet.line((x, 56), (x, 126), tone="line")
        sheet.dot(x, 92, tone=tone, hollow=index == 0)
        sheet.words((x + 9, 84), year, size=13, tone="ink", look="bold start")
        sheet.box((x - 84, 122, 168, 84), title, *lines, tone=tone, look="gap" if index == 0 else "")


def _road(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((16, 56, 120, 60), say("an order", "一份订单"), "kubectl apply")
    gates = (
        (say("① known?", "① 认识吗？"), say("fields and types", "字段和类型"), "color: red", "field not declared"),
        (say("② fill in", "② 填上"), say("defaults", "默认值"), "", ""),
        (say("③ fits?", "③ 合适吗？"), say("schema", "模式"), "seats: 0", "should be ≥ 1"),
        (say("④ together?", "④ 配得上吗？"), say("rules", "规则"), "from = to", say("leads nowhere", "哪里也不去")),
    )
    for index, (title, line, example, answer) in enumerate(gates):
        x = 172 + 150 * index
        sheet.arrow((x - (36 if index == 0 else 30), 86), (x, 86), moving=True)
        sheet.box((x, 50, 120, 72), title, line, tone="flow")
        if example:
            sheet.arrow((x + 60, 122), (x + 60, 172), tone="bad", gap=True)
            sheet.cross(x + 60, 184)
            sheet.words((x + 60, 210), example, tone="ink", look="mono", room=148)
            sheet.words((x + 60, 228), answer, tone="bad", room=148)
        else:
            sheet.words((x + 60, 146), "colour: white", tone="ok", look="mono", room=148)
    sheet.arrow((742, 86), (784, 86), moving=True)
    sheet.box((784, 40, 160, 92), say("kept", "存下"), say("and everybody may", "从此大家都可以"), say("count on it", "信赖它"),
              tone="ok")  # fmt: skip
    sheet.words((457, 34), say("inside the API server, before anything is stored", "在 API 服务器里，什么都还没有存"),
                look="bold")  # fmt: skip
    sheet.box((158, 14, 598, 230), look="bare gap")


def _doors(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((330, 30, 240, 220), look="room")
    sheet.words((450, 54), "Fleet blue", size=14, tone="ink", look="bold")
    sheet.box((350, 70, 200, 70), "spec", "ships: 2", tone="flow", look="mono")
    sheet.box((350, 160, 200, 70), "status", "ships: 1", tone="ok", look="mono")
    sheet.box((16, 70, 150, 70), say("you", "你"), say("the wish", "期望"))
    sheet.arrow((166, 105), (350, 105), moving=True)
    sheet.words((248, 96), say("main door", "正门"), tone="ink")
    sheet.arrow((166, 122), (256, 122), (256, 190), (318, 190), tone="bad", gap=True)
    sheet.cross(332, 190)
    sheet.words((232, 208), say("status: taken away", "status：拿掉"), tone="bad", room=180)
    sheet.box((734, 160, 210, 70), say("its controller", "它的控制器"), say("the report", "报告"))
    sheet.arrow((734, 195), (550, 195), tone="ok", moving=True)
    sheet.words((640, 187), "/status", tone="ink", look="mono")
    sheet.box((734, 70, 210, 70), say("kubectl scale, autoscaler", "kubectl scale、自动扩缩容"), say("a number", "一个数"))
    sheet.arrow((734, 105), (550, 105), moving=True)
    sheet.words((640, 97), "/scale", tone="ink", look="mono")


def _versions(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((360, 50, 240, 150), say("stored: v2", "存储：v2"), "depth: 8", "light: red", tone="flow", look="mono")
    sheet.box((40, 30, 200, 84), say("ask for v1", "按 v1 来问"), "depth: 8", tone="warn", look="mono gap")
    sheet.box((720, 60, 200, 130), say("ask for v2", "按 v2 来问"), "depth: 8", "light: red", tone="ok", look="mono")
    sheet.arrow((360, 72), (240, 72), tone="warn")
    sheet.words((300, 62), say("read", "读"), tone="ink")
    sheet.arrow((600, 125), (720, 125), tone="ok")
    sheet.words((660, 115), say("read", "读"), tone="ink")
    sheet.box((40, 160, 200, 84), say("written back as v1", "按 v1 写回"), "depth: 9", tone="warn", look="mono gap")
    sheet.arrow((140, 114), (140, 160), tone="warn")
    sheet.arrow((240, 202), (330, 202), (330, 180), (360, 180), tone="warn", moving=True)
    sheet.words((340, 226), say("no light in it: the default, green, fills the gap", "里面没有灯：默认值 green 填上空缺"),
                tone="bad", look="start")  # fmt: skip


PICTURES = (
    Sketch(
        "history", 960, 222, _history,
        {"en": "From ThirdPartyResources to CustomResourceDefinitions",
         "zh": "从 ThirdPartyResource 到 CustomResourceDefinition"},
        {
            "en": "A line of time. 2016, ThirdPartyResource: a word, and anything may be written. From 2017 on, "
            "CustomResourceDefinition: 2017 a schema, and kinds of the whole cluster; 2018 doors (status, scale), "
            "columns and versions; 2019 defaults, unknown fields go, stable; 2023 rules, field against field and new "
            "against old.",
            "zh": "一条时间线。2016 年，ThirdPartyResource：一个词，写什么都可以。从 2017 年起是 CustomResourceDefinition：2017 年有了模式，以及整个集群的种类；2018 年有了门（status、scale）、列和版本；2019 年有了默认值，不认识的字段被丢掉，算是稳定；2023 年有了规则，字段比字段，新的比旧的。",
        },
    ),
    Sketch(
        "road", 960, 258, _road,
        {"en": "The road of an order", "zh": "一份订单走过的路"},
        {
            "en": "An order goes through four gates inside the API server, before anything is stored: are fields and types "
            "known (color: red is not declared); defaults are filled in (colour: white); does it fit the schema (seats: "
            "0 should be at least 1); do the fields go together by the rules (from = to leads nowhere). Whatever passes "
            "is kept, and everybody may count on it.",
            "zh": "一份订单在 API 服务器里走过四道关，这时什么都还没有存：字段和类型认识吗（color: red 没有声明过）；填上默认值（colour: white）；合模式吗（seats: 0 应该至少是 1）；按规则，字段之间配得上吗（from = to，哪里也不去）。全都通过的才存下，从此大家都可以信赖它。",
        },
    ),
    Sketch(
        "doors", 960, 270, _doors,
        {"en": "Three doors of one object", "zh": "一个对象的三扇门"},
        {
            "en": "Fleet blue has a spec with ships: 2 and a status with ships: 1. You bring the wish through the main door; "
            "a status that comes along is taken away. Its controller brings the report through the door /status. kubectl "
            "scale and autoscalers bring a number through the door /scale, which leads to the spec.",
            "zh": "Fleet blue 有 spec，其中 ships: 2；有 status，其中 ships: 1。你走正门带来期望；一起带来的 status 会被拿掉。它的控制器走 /status 这扇门带来报告。kubectl scale 和自动扩缩容走 /scale 这扇门，带来一个数，通向 spec。",
        },
    ),
    Sketch(
        "versions", 960, 262, _versions,
        {"en": "One object, two versions", "zh": "一个对象，两个版本"},
        {
            "en": "The buoy is stored as v2, with depth 8 and light red. Whoever asks for v2 sees both; whoever asks for v1 "
            "sees the depth alone. Written back as v1 with depth 9, it has no light in it, and the default, green, fills "
            "the gap.",
            "zh": "浮标按 v2 存储，深度 8，红灯。按 v2 来问，两样都看得到；按 v1 来问，只看得到深度。按 v1 写回，深度 9，里面没有灯，默认值 green 就填上空缺。",
        },
    ),
)  # fmt: skip
"""In the order of the lesson."""
