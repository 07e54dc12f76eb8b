"""Four sketches: a majority and its loss, the operator's three steps, a cluster restored, a home for the operator."""

from __future__ import annotations

from k8s_tutor.render.sketch import Sheet, Sketch

__all__ = ["PICTURES"]

# ---- A majority, kept and lost

_PANEL, _MEMBER = 228, 60


def _member(sheet: Sheet, x: float, y: float, name: str, how: str) -> None:
    """A member's Pod: there, lost, or a stranger that is on no list."""
    tone = {"there": "ok", "lost": "bad", "stranger": "warn"}[how]
    sheet.box((x, y, _MEMBER, 40), name, tone=tone, look="" if how == "there" else "gap")
    if how == "lost":
        sheet.cross(x + _MEMBER / 2, y + 54)
    if how == "stranger":
        sheet.words((x + _MEMBER / 2, y + 58), "?", size=14, tone="warn", look="bold")


def _panel(sheet: Sheet, number: int, title: str, members: str, verdict: tuple[str, str]) -> None:
    x = 16 + (_PANEL + 8) * number
    sheet.box((x, 16, _PANEL, 196), look="room")
    sheet.words((x + _PANEL / 2, 40), title, size=13, tone="ink", look="bold", room=_PANEL - 12)
    for index, how in enumerate(members):
        known = {"o": "there", "x": "lost", "?": "stranger"}[how]
        names = ("db-0", "web-x", "web-y") if "?" in members else ("db-0", "db-1", "db-2")
        _member(sheet, x + 14 + 70 * index, 58, names[index], known)
    listed = sheet.say("the list: db-0 db-1 db-2", "名单：db-0 db-1 db-2")
    sheet.words((x + _PANEL / 2, 148), listed, look="mono", size=11, room=_PANEL - 12)
    tone, words = verdict
    sheet.words((x + _PANEL / 2, 182), words, size=13, tone=tone, look="bold", room=_PANEL - 12)


def _quorum(sheet: Sheet) -> None:
    say = sheet.say
    _panel(sheet, 0, say("all there", "都在"), "ooo", ("ok", say("3 of 3: ✓ it works", "3/3：✓ 能用")))
    _panel(sheet, 1, say("one is lost", "没了一个"), "oox", ("ok", say("2 of 3: ✓ it works", "2/3：✓ 能用")))
    _panel(sheet, 2, say("two are lost", "没了两个"), "oxx", ("bad", say("1 of 3: ✗ it stands still", "1/3：✗ 停住了")))
    _panel(sheet, 3, say("a Deployment “helps”", "Deployment“帮忙”"), "o??",
           ("bad", say("still 1 of 3: ✗ stands still", "还是 1/3：✗ 停着")))  # fmt: skip
    sheet.words((488, 238), say("The majority is counted over the list, not over the Pods that run.",
                                "多数是按名单来数的，不是按运行着的 Pod。"), tone="ink", size=13)  # fmt: skip


# ---- The operator's three steps, and where the learner's places are


def _plan(sheet: Sheet) -> None:
    say = sheet.say
    sources = (
        (say("the wish", "期望"), "spec.size"),
        (say("the Pods", "Pod"), say("① who lives?", "① 谁活着？")),
        (say("etcd's own list", "etcd 自己的名单"), "etcdctl member list"),
    )
    sheet.words((101, 30), say("observe", "观察"), size=14, tone="ink", look="bold")
    for index, (title, line) in enumerate(sources):
        sheet.box((16, 44 + 66 * index, 170, 54), title, line, tone="own")
        sheet.arrow((186, 71 + 66 * index), (250, 137), moving=True)
    sheet.words((409, 30), say("analyse: the first question with a yes decides", "分析：第一个答“是”的问题说了算"),
                size=14, tone="ink", look="bold")  # fmt: skip
    questions = (
        (say("④ no majority?", "④ 不成多数？"), say("call somebody", "叫人来")),
        (say("one still starting?", "有还在启动的？"), say("wait", "等")),
        (say("② one lost?", "② 有没了的？"), say("off the list", "从名单上划掉")),
        (say("too few, too many?", "太少、太多？"), say("one more, one less", "添一个、减一个")),
    )
    for index, (question, deed) in enumerate(questions):
        y = 44 + 48 * index
        sheet.box((250, y, 170, 38), question, tone="flow")
        sheet.arrow((420, y + 19), (450, y + 19))
        sheet.words((458, y + 24), deed, tone="ink", look="start", size=13)
        sheet.line((590, y + 19), (606, y + 19), tone="line")
    sheet.line((606, 63), (606, 207), tone="line")
    sheet.arrow((606, 99), (660, 99), moving=True)
    sheet.arrow((606, 179), (660, 179), moving=True)
    sheet.words((760, 30), say("act: one thing", "行动：只做一件"), size=14, tone="ink", look="bold")
    sheet.box(
        (660, 66, 200, 66), say("in etcd", "在 etcd 里"), say("③ on the list, off it", "③ 写上名单、划掉"), tone="warn"
    )
    sheet.box(
        (660, 146, 200, 66),
        say("in Kubernetes", "在 Kubernetes 里"),
        say("create, delete a Pod", "创建、删除 Pod"),
        tone="ok",
    )
    sheet.arrow((760, 212), (760, 262), (101, 262), (101, 232), tone="soft", gap=True)
    sheet.words((430, 256), say("and look again", "然后再看一遍"))


# ---- A cluster restored from what one member remembers


def _restore(sheet: Sheet) -> None:
    say = sheet.say
    stops = (
        (say("1. one is left", "1. 剩下一个"), say("1 of 3: no writing,", "1/3：写不了，"), say("but it remembers", "但它记得")),
        (say("2. copy", "2. 抄下来"), "get --prefix", "--consistency=s"),
        (say("3. a new cluster", "3. 新的集群"), say("with a list of one:", "名单上一个："), say("1 of 1 is a majority", "1/1 就是多数")),
        (say("4. three again", "4. 又是三个"), say("the operator adds two;", "Operator 添两个；"), say("the copy is put back", "把抄下的写回去")),
    )  # fmt: skip
    for index, (title, *lines) in enumerate(stops):
        x = 16 + 236 * index
        sheet.box((x, 40, 204, 92), title, *lines, tone=("bad", "own", "warn", "ok")[index],
                  look="mono" if index == 1 else "")  # fmt: skip
        if index:
            sheet.arrow((x - 32, 86), (x, 86), moving=True)
    sheet.words((16, 24), say("a person decides", "由人决定"), look="bold start", tone="warn")
    sheet.line((150, 20), (684, 20), tone="warn")
    sheet.words((928, 24), say("the operator does it", "由 Operator 来做"), look="bold end", tone="ok")
    sheet.words((134, 156), say("what the lost two had written", "没了的两个在它不知道时"), tone="soft")
    sheet.words((134, 172), say("without it is gone", "写下的，找不回来了"), tone="soft")


# ---- A home for the operator


def _home(sheet: Sheet) -> None:
    say = sheet.say
    sheet.box((16, 16, 430, 228), look="room")
    sheet.words((32, 40), say("in the cluster", "在集群里"), size=13, look="bold start")
    sheet.box((32, 64, 130, 60), "Deployment", "operator")
    sheet.arrow((162, 94), (210, 94))
    sheet.box((210, 54, 220, 80), "Pod", say("token: “I am operator”", "令牌：“我是 operator”"), tone="ok")
    sheet.box((210, 170, 220, 60), "ServiceAccount", "operator", tone="own")
    sheet.arrow((320, 170), (320, 134), tone="own")
    sheet.words((332, 156), say("its name", "它的身份"), look="start")
    sheet.arrow((430, 84), (526, 84), moving=True)
    sheet.words((487, 74), say("a request", "请求"))
    sheet.box(
        (526, 40, 190, 106),
        say("API server", "API 服务器"),
        say("Who is it?", "你是谁？"),
        say("May it do that?", "你能做这个吗？"),
        tone="flow",
    )
    sheet.arrow((716, 70), (770, 70), tone="ok", moving=True)
    sheet.words((778, 75), say("✓ done", "✓ 照办"), tone="ok", look="bold start", size=13)
    sheet.arrow((716, 116), (770, 116), tone="bad", gap=True)
    sheet.words((778, 121), "✗ 403", tone="bad", look="bold start", size=13)
    sheet.box((526, 170, 190, 60), "Role", say("what may be done", "可以做什么"), tone="own")
    sheet.arrow((621, 170), (621, 146), tone="own")
    sheet.arrow((526, 200), (430, 200), tone="own")
    sheet.words((487, 192), "RoleBinding", tone="ink", size=11, room=78)


PICTURES = (
    Sketch(
        "quorum", 976, 254, _quorum,
        {"en": "A majority, kept and lost", "zh": "多数，保住与失去"},
        {
            "en": "Four times the same list of three members: db-0, db-1, db-2. All there: three of three, it works. One "
            "lost: two of three, it works. Two lost: one of three, it stands still. Then a Deployment puts two new Pods "
            "in the place of the lost: three Pods run, but the two are not on the list, so it is still one of three.",
            "zh": "四次都是同一份名单，三个成员：db-0、db-1、db-2。都在：3/3，能用。没了一个：2/3，能用。没了两个：1/3，停住了。然后 Deployment 补上两个新的 Pod：有三个 Pod 在运行，但新来的两个不在名单上，所以还是 1/3。",
        },
    ),
    Sketch(
        "plan", 880, 280, _plan,
        {"en": "The operator, and your four places in it", "zh": "这个 Operator，和里面留给你的四处"},
        {
            "en": "Observe: the wish, the Pods (1: who lives?), etcd's own list. Analyse: questions in an order, the first "
            "with a yes decides: no majority (4)? Then call somebody. One still starting? Wait. One lost (2)? Off the "
            "list. Too few or too many? One more, one less. Act, one thing: in etcd (3: on the list, off it) and in "
            "Kubernetes (create or delete a Pod). Then look again.",
            "zh": "观察：期望、Pod（① 谁活着？）、etcd 自己的名单。分析：按顺序提问，第一个答“是”的说了算：不成多数（④）？叫人来。有还在启动的？等。有没了的（②）？从名单上划掉。太少或太多？添一个或减一个。行动，只做一件：在 etcd 里（③ 写上名单、划掉），在 Kubernetes 里（创建、删除 Pod）。然后再看一遍。",
        },
    ),
    Sketch(
        "restore", 960, 186, _restore,
        {"en": "A cluster restored from what one member remembers", "zh": "靠一个成员记得的东西，恢复一个集群"},
        {
            "en": "One of three members is left: it takes no writing, but it remembers. A person copies what it knows, and "
            "founds a new cluster with a list of one, where one is a majority. Then the operator adds two members, and the "
            "copy is put back. What the lost two had written without the third is gone.",
            "zh": "三个成员剩下一个：写不了，但它记得。人把它知道的抄下来，再建一个新的集群，名单上一个，一个就是多数。然后 Operator 添上两个成员，把抄下的写回去。没了的两个在它不知道时写下的，找不回来了。",
        },
    ),
    Sketch(
        "home", 880, 260, _home,
        {"en": "A home for the operator", "zh": "给 Operator 一个家"},
        {
            "en": "In the cluster, a Deployment keeps a Pod. A ServiceAccount gives the Pod a name: its token says I am "
            "operator. The Pod's request comes to the API server, which asks: who is it, and may it do that? A Role says "
            "what may be done; a RoleBinding joins Role and ServiceAccount. Allowed: done. Not allowed: 403.",
            "zh": "在集群里，一个 Deployment 维持着一个 Pod。ServiceAccount 给 Pod 一个身份：它的令牌说“我是 operator”。Pod 的请求到达 API 服务器，服务器问：你是谁？你能做这个吗？Role 说明可以做什么；RoleBinding 把 Role 和 ServiceAccount 连起来。允许：照办。不允许：403。",
        },
    ),
)  # fmt: skip
"""In the order of the lesson."""
