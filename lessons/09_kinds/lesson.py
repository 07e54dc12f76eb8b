# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Kinds of your own
#
# Pods, Services, Deployments: Kubernetes brings along some sixty kinds of objects. In this lesson you teach it new ones,
# and you decide what may stand in them.
#
# By the end you can
#
# - add a kind to a running cluster, and say what the API server does for it without any program of yours,
# - write a schema, with defaults, so that a typing error is refused at once instead of at night,
# - write rules that compare two fields, or the new with the old,
# - say why `spec` and `status` have a door each, and make `kubectl scale` work for your kind,
# - bring out a second version without breaking the first.
#
# It takes about 45 minutes. You need some Python, and what you learned in [lesson 1](01_pods.ipynb) (Pods). Run the cells
# from top to bottom; running one twice does no harm.
#
# <!-- zh 3cb487d2 -->
# # 你自己的对象种类
#
# Pod、Service、Deployment：Kubernetes 自带大约六十种对象。在这一课里，你教它认识新的种类，并由你决定里面可以写什么。
#
# 学完这一课，你能够
#
# - 给运行中的集群添加一种对象，并说出 API 服务器不靠你的任何程序就为它做了什么，
# - 写一份模式，带默认值，让打错的字当场被拒绝，而不是到半夜才出事，
# - 写规则，比较两个字段，或者比较新的和旧的，
# - 说出 `spec` 和 `status` 为什么各走各的门，并让 `kubectl scale` 对你的对象也管用，
# - 推出第二个版本，而不弄坏第一个。
#
# 大约需要 45 分钟。你需要会一点 Python，还要学过[第 1 课](01_pods.ipynb)（Pod）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("kinds")

# %% [markdown]
# ## A word that the cluster does not know
#
# *You run a harbour. You would like to order lanterns the way you order Pods. Why should that not work?*
#
# <!-- zh b0b5b31d -->
# ## 集群不认识的词
#
# *你经营一个港口。你想像订 Pod 那样订灯笼。为什么不行呢？*

# %% tags=["keep"]
from k8s_tutor import StatusError, UsageError

def order(kind, name, spec, version="v1"):
    """Applies an object of a kind of ours; prints what the API server says if it refuses."""
    about = f"apiVersion: tutor.example/{version}, kind: {kind}, metadata: {{name: {name}}}"
    try:
        t.apply(f"{{{about}, spec: {{{spec}}}}}")
    except (StatusError, UsageError) as error:
        print(error)

# %%
order("Lantern", "pier-1", "colour: red")

# %% [markdown]
# The API server does not know the word.
#
# > **Guess first.** What does it take to teach it? A new version of Kubernetes? A program of your own? A restart?
#
# <!-- zh 4f93d3bd -->
# API 服务器不认识这个词。
#
# > **先猜一猜。** 要教会它，需要什么？新版本的 Kubernetes？一个你自己的程序？重启一次？

# %%
t.apply("""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lanterns.tutor.example, labels: {app.kubernetes.io/managed-by: k8s-tutor}}
spec:
  group: tutor.example
  scope: Namespaced
  names: {kind: Lantern, singular: lantern, plural: lanterns, shortNames: [lan]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
""")

# %%
t.wait("crd/lanterns.tutor.example", "Established")
order("Lantern", "pier-1", "colour: red")
t.kubectl("get lan")

# %% [markdown]
# None of that: an object. A **CustomResourceDefinition** is an object like any other, and what it says is a dictionary
# entry: the *kind* is called Lantern, several are lanterns, and they belong to the *group* `tutor.example` (take a name
# of your own there, as with web addresses; so two people's Lanterns do not collide). From that moment on the API server
# keeps lanterns as it keeps Pods. `kubectl` can list them, they can be labelled, watched, and deleted, they go with their
# namespace, and rights can be given for them.
#
# What does *not* happen: no light goes on. An object is a sheet of paper; a program that reads it is the subject of
# [lesson 10](10_operators.ipynb).
#
# A definition belongs to the whole cluster, like a node. Its objects live in namespaces, the word is everybody's. If you
# share this cluster with others, they use the same five definitions as you do: so look at them as much as you like, and
# leave them as they are. `t.leave()` removes them when nobody needs them any more.
#
# ## How it came about
#
# <!-- zh e9452b93 -->
# 都不需要，只要一个对象。**CustomResourceDefinition**（定制资源定义）和别的对象一样，它说的是词典里的一个词条：*种类*叫 Lantern，多个就叫 lanterns，属于*组* `tutor.example`（这里要用你自己的名字，就像网址一样；这样两个人的 Lantern 就不会撞在一起）。从这一刻起，API 服务器像保存 Pod 一样保存灯笼。`kubectl` 能列出它们，可以给它们贴标签，可以监视，可以删除，它们随名字空间一起消失，也可以为它们授权。
#
# *不会*发生的是：没有一盏灯会亮。对象只是一张纸；读这张纸的程序，是[第 10 课](10_operators.ipynb)的内容。
#
# 定义属于整个集群，就像节点一样。它的对象在名字空间里，而这个词是大家的。如果你和别人共用这个集群，他们用的是和你相同的五个定义：所以尽管看，但不要改。等到没有人再需要，`t.leave()` 会把它们删除。
#
# ## 它是怎么来的

# %% [markdown]
# In 2016, when people began to write programs that read objects of their own, such definitions were called
# **ThirdPartyResources**. They could add a word and little else: no schema, no rules, no second version, no way to keep
# wish and report apart. Anything could be written into such an object, and whatever read it had to put up with that. A
# year later CustomResourceDefinitions took their place. One after the other they learned what the built-in kinds could
# do all along:
#
# <!-- zh 43117725 -->
# 2016 年，人们开始写程序来读自己的对象，那时候这种定义叫作 **ThirdPartyResource**。它能添一个词，别的几乎都不行：没有模式，没有规则，没有第二个版本，也没有办法把期望和报告分开。往这样的对象里写什么都可以，读它的程序只好认了。一年之后，CustomResourceDefinition 取而代之。内置种类早就会的本事，它一样一样地学会了：

# %%
t.picture("history")

# %% [markdown]
# The rest of this lesson goes from stop to stop, if not quite in that order.
#
# ## Anything goes
#
# *What is wrong with a lantern like this one?*
#
# <!-- zh 3f4e6e4f -->
# 这一课余下的部分，就走一走这些站，只是顺序略有不同。
#
# ## 写什么都行
#
# *下面这盏灯笼，有什么不对？*

# %%
order("Lantern", "pier-2", "color: 7, oil: {amount: some, since: tuesday}")
t.kubectl("get lanterns")

# %% [markdown]
# The API server sees nothing wrong: its definition says `x-kubernetes-preserve-unknown-fields`, keep whatever comes. The
# colour is misspelt, it is a number, and the oil was somebody's mood. Who will notice? Some program, much later, in the
# middle of the night.
#
# A **schema** says beforehand what may stand in an object. This is the one for ferries. It is written by hand, and it is
# all there is to it:
#
# <!-- zh 329e50da -->
# API 服务器看不出什么不对：定义里写着 `x-kubernetes-preserve-unknown-fields`，来什么留什么。颜色这个词拼错了，值还是个数字，而油写的是某个人的心情。谁会发现？某个程序，很久以后，在半夜里。
#
# **模式**（schema）事先说明对象里可以写什么。这就是渡船的模式。它是手写的，全部内容都在这里：

# %% tags=["keep"]
schema = """
type: object
required: [spec]
properties:
  spec:
    type: object
    required: [seats, home]
    properties:
      seats: {type: integer, minimum: 1, maximum: 500, description: How many people can sit.}
      home: {type: string, enum: [north, south], description: The harbour where it spends the night.}
      colour: {type: string, default: white, description: What it is painted with.}
"""

# %% [markdown]
# And these are the columns that `kubectl get` is to show; the one with a `priority` appears only in the wide view:
#
# <!-- zh 1426a05c -->
# 这些是 `kubectl get` 要显示的列；带 `priority` 的那一列只在宽视图里出现：

# %% tags=["keep"]
columns = """
- {name: Seats, type: integer, jsonPath: .spec.seats}
- {name: Home, type: string, jsonPath: .spec.home}
- {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
- {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
"""

# %% [markdown]
# The rest of a definition is the same each time, so a function writes it:
#
# <!-- zh 1e957249 -->
# 定义的其余部分每次都一样，所以交给一个函数来写：

# %% tags=["keep"]
import yaml

def version(name, schema, columns="", **more):
    """One version of a definition; served and stored, unless it says otherwise."""
    parts = {"schema": {"openAPIV3Schema": yaml.safe_load(schema)}}
    if columns:
        parts["additionalPrinterColumns"] = yaml.safe_load(columns)
    return {"name": name, "served": True, "storage": True, **parts, **more}

# %% tags=["keep"]
def define(kind, plural, *versions):
    names = {"kind": kind, "singular": kind.lower(), "plural": plural}
    spec = {"group": "tutor.example", "scope": "Namespaced", "names": names, "versions": list(versions)}
    about = {"name": f"{plural}.tutor.example", "labels": {"app.kubernetes.io/managed-by": "k8s-tutor"}}
    t.apply({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": about, "spec": spec})
    t.wait(f"crd/{plural}.tutor.example", "Established")

# %%
define("Ferry", "ferries", version("v1", schema, columns))

# %% [markdown]
# > **Guess first.** Six ferries are ordered. How many of them will the API server accept?
#
# <!-- zh 54760dc4 -->
# > **先猜一猜。** 订了六条渡船。API 服务器会接受几条？

# %%
t.guess("kinds-a")

# %%
order("Ferry", "a", "seats: 120, home: south")
order("Ferry", "b", "seats: plenty, home: south")
order("Ferry", "c", "seats: 0, home: south")
order("Ferry", "d", "seats: 40, home: moon")
order("Ferry", "e", "seats: 40")
order("Ferry", "f", "seats: 40, home: north, color: red")

# %% [markdown]
# One. Each of the others is refused with the field and the reason, at the moment somebody presses *Enter*, and before
# anything was stored. Even the misspelt `color` is found, because somebody wrote down how it is spelt.
#
# What does ferry `a` look like now? Nobody said what colour it should have.
#
# <!-- zh 45986718 -->
# 一条。其余的每一条都被拒绝，说明了是哪个字段、什么原因，就在按下*回车*的那一刻，还没有存下任何东西。连拼错的 `color` 也查出来了，因为有人写下了它该怎么拼。
#
# 渡船 `a` 现在是什么样？它该是什么颜色，没有人说过。

# %%
t.kubectl("get ferries -o wide")

# %% [markdown]
# White: the **default** from the schema, filled in by the API server and stored with the rest. Whatever reads this ferry
# can count on its having a colour.
#
# The descriptions are of use, too. Somebody who has never seen a ferry can ask what belongs in one:
#
# <!-- zh ac76ad88 -->
# 白色：来自模式的**默认值**（default），由 API 服务器填上，和其他内容一起存下来。不管是谁来读这条渡船，都可以放心：它一定有颜色。
#
# 那些说明也有用。从来没见过渡船的人，可以问里面该写什么：

# %%
t.kubectl("explain ferry.spec")

# %% [markdown]
# ### Your turn: in the right form
#
# Somebody has ordered a ferry and was refused. What was meant: `marie`, 120 seats, at home in the south, red. Mend the
# order.
#
# <!-- zh ff2e5315 -->
# ### 轮到你了：写对格式
#
# 有人订了一条渡船，被拒绝了。本来的意思是：`marie`，120 个座位，停在南边，红色。把订单改对。

# %%
order("Ferry", "marie", "seats: '120', home: harbour")

# %%
t.check("kinds-1")

# %% [markdown]
# ### ① Your turn: a schema of your own
#
# The harbour has berths, too. `berth_schema` should return the schema of a berth's `spec`, as a Python dict (with the same
# words as above). A berth has
#
# - a `number`, a whole number from 1 to 40, which has to be given,
# - a `side`, `left` or `right`, and `left` where nothing is said,
# - `guests`, a list of at most four names. A list has the type `array`, `maxItems`, and in `items` the schema of what
#   stands in it.
#
# <!-- zh 40f3560c -->
# ### ① 轮到你了：自己的模式
#
# 港口里还有泊位。`berth_schema` 应该返回泊位的 `spec` 的模式，是一个 Python 的 dict（用的词和上面一样）。一个泊位有
#
# - `number`，1 到 40 的整数，必须给出，
# - `side`，`left` 或 `right`，不说就是 `left`，
# - `guests`，最多四个名字的列表。列表的类型是 `array`，还有 `maxItems`，以及 `items`，里面是列表中每一项的模式。

# %% tags=["keep"]
@t.place("kinds-2")
def berth_schema():
    """① The schema of a berth's spec."""
    return ...

# %%
t.check("kinds-2")

# %% [markdown]
# ## Two fields that have to fit together
#
# *Each number is within its limits, and still the whole is nonsense. How does one say that?*
#
# A schema looks at one field at a time. A **rule** looks at several. It is written in **CEL**, a small language for
# conditions: `self` is the object (here: its `spec`), and what the rule says must be true.
#
# <!-- zh a21a551b -->
# ## 两个要配得上的字段
#
# *每个数都在范围之内，合起来却是胡说。这要怎么写？*
#
# 模式一次只看一个字段。**规则**（rule）看好几个。规则用 **CEL** 来写，这是一种专写条件的小语言：`self` 是对象（这里是它的 `spec`），规则说的必须为真。

# %% tags=["keep"]
voyage = """
type: object
properties:
  spec:
    type: object
    required: [from, to, passengers, crew]
    properties: {from: {type: string}, to: {type: string}, passengers: {type: integer}, crew: {type: integer}}
    x-kubernetes-validations:
    - {rule: self.from != self.to, message: a voyage leads somewhere else}
    - {rule: self.passengers <= self.crew * 50, message: one of the crew for each fifty passengers}
    - {rule: self.passengers >= oldSelf.passengers, message: nobody gets off at sea}
"""

# %%
define("Voyage", "voyages", version("v1", voyage))

# %% [markdown]
# > **Guess first.** Five orders, one after the other, for one and the same voyage. Which of them go through?
#
# <!-- zh f41cca97 -->
# > **先猜一猜。** 先后五份订单，都是同一次航行。哪几份能通过？

# %%
t.guess("kinds-b")

# %%
order("Voyage", "early", "from: north, to: north, passengers: 10, crew: 1")
order("Voyage", "early", "from: north, to: south, passengers: 80, crew: 1")
order("Voyage", "early", "from: north, to: south, passengers: 80, crew: 2")
order("Voyage", "early", "from: north, to: south, passengers: 100, crew: 2")
order("Voyage", "early", "from: north, to: south, passengers: 40, crew: 2")

# %% [markdown]
# The third and the fourth. The last was refused although there is nothing wrong with it: it is the *change* that is
# against the rule. A rule with `oldSelf` compares the new with the old, and holds only where there is an old one.
#
# So this is the road of an order. Each gate is one part of the definition:
#
# <!-- zh b4887e25 -->
# 第三份和第四份。最后一份内容本身没有任何问题，却被拒绝了：违反规则的是这个*变化*。带 `oldSelf` 的规则比较新的和旧的，只有存在旧的才起作用。
#
# 一份订单走的就是这样一条路。每一道关，都是定义里的一部分：

# %%
t.picture("road")

# %% [markdown]
# Before rules could be written into a definition, each of these would have needed a program of its own, a *webhook*, which
# the API server asks at every change, and which must never be down.
#
# ### Your turn: fewer than before
#
# The voyage `late` goes from north to south, planned for 80 passengers and a crew of 2. It is to have 40 passengers and a
# crew of 1. The definition, with its rules, stays as it is.
#
# <!-- zh 033dd1dd -->
# 在规则可以写进定义之前，这里的每一条都需要一个单独的程序，叫作 *Webhook*：每次改动，API 服务器都要去问它，而且它绝不能停。
#
# ### 轮到你了：比原来少
#
# 航行 `late` 从北到南，原计划 80 名乘客、2 名船员。现在要改成 40 名乘客、1 名船员。定义，连同里面的规则，都保持原样。

# %%
t.exercise("kinds-3")

# %%
order("Voyage", "late", "from: north, to: south, passengers: 40, crew: 1")

# %%
t.check("kinds-3")

# %% [markdown]
# ### ② Your turn: a rule of your own
#
# The harbour orders cranes. A crane's spec has a `load` and a `strength`, both whole numbers that are always given, and
# perhaps a `helper`. The load must not be more than the strength. And a crane whose strength is more than 20 must have a
# helper.
#
# `crane_rule` should return that as one rule, a text in CEL. Besides comparisons there are `&&` (and), `||` (or), `!`
# (not), brackets, and `has(self.helper)`, which asks whether a field is there at all.
#
# <!-- zh 67dc6d60 -->
# ### ② 轮到你了：自己的规则
#
# 港口要订起重机。起重机的 spec 里有 `load`（载荷）和 `strength`（起重能力），都是整数，一定会给出；也许还有一个 `helper`（帮手）。载荷不能超过起重能力。起重能力超过 20 的，必须有帮手。
#
# `crane_rule` 应该把这些写成一条规则返回，是一段 CEL 文本。除了比较，还有 `&&`（并且）、`||`（或者）、`!`（非）、括号，以及 `has(self.helper)`，它问的是这个字段到底有没有。

# %% tags=["keep"]
@t.place("kinds-4")
def crane_rule():
    """② A rule for cranes."""
    return ...

# %%
t.check("kinds-4")

# %% [markdown]
# ## Doors
#
# *In one object stands what you want, and what there is. What if you and the controller write at the same time?*
#
# A fleet has ships: so many are wanted, so many are at sea. `subresources` gives such a kind a second and a third door:
#
# <!-- zh 9f7a4087 -->
# ## 门
#
# *一个对象里，既写着你要什么，也写着现在有什么。要是你和控制器同时写呢？*
#
# 一支船队有若干条船：要这么多，出海的有这么多。`subresources`（子资源）给这样的种类开了第二扇门和第三扇门：

# %% tags=["keep"]
fleet = """
type: object
properties:
  spec: {type: object, properties: {ships: {type: integer, default: 1}}}
  status: {type: object, properties: {ships: {type: integer}}}
"""
fleet_columns = """
- {name: Wanted, type: integer, jsonPath: .spec.ships}
- {name: At sea, type: integer, jsonPath: .status.ships}
"""

# %%
doors = {"status": {}, "scale": {"specReplicasPath": ".spec.ships", "statusReplicasPath": ".status.ships"}}
define("Fleet", "fleets", version("v1", fleet, fleet_columns, subresources=doors))

# %% [markdown]
# > **Guess first.** You order two ships, and in the same breath you claim that 99 are at sea. What will be in the table?
#
# <!-- zh a32c8979 -->
# > **先猜一猜。** 你订两条船，同时声称有 99 条已经出海。表格里会是什么？

# %%
t.guess("kinds-c")

# %%
t.apply("""
apiVersion: tutor.example/v1
kind: Fleet
metadata: {name: blue}
spec: {ships: 2}
status: {ships: 99}
""")
t.kubectl("get fleets")

# %% [markdown]
# Through the main door the API server lets the wish in, and takes the report away, without a word. The report has a door
# of its own, `…/fleets/blue/status`, and there it is the other way round. A controller goes through that one:
#
# <!-- zh 36dc413e -->
# 走正门，API 服务器放进期望，把报告拿掉，一声不响。报告有自己的门，`…/fleets/blue/status`，在那里正好反过来。控制器走的是那扇门：

# %%
t.client.patch("fleets", "blue", {"spec": {"ships": 50}, "status": {"ships": 1}}, t.namespace, subresource="status")
t.kubectl("get fleets")

# %% [markdown]
# One at sea, and still two wanted. Whoever writes the wish cannot spoil the report, and whoever reports cannot change the
# wish. The Pods you know are built like that, too.
#
# The third door is called `scale`. It says which field of this kind is the number of copies.
#
# > **Guess first.** `kubectl` was written by people who have never heard of your fleets. Will `kubectl scale` work?
#
# <!-- zh 99b54830 -->
# 出海的有一条，要的还是两条。写期望的人弄不坏报告，写报告的也改不了期望。你认识的 Pod 也是这样造的。
#
# 第三扇门叫 `scale`。它说明这个种类里，哪个字段是份数。
#
# > **先猜一猜。** 写 `kubectl` 的人从来没听说过你的船队。`kubectl scale` 会管用吗？

# %%
t.guess("kinds-d")

# %%
t.kubectl("scale fleet blue --replicas=5")

# %%
t.kubectl("get fleets")

# %% [markdown]
# It does, and so would an autoscaler, which goes through the same door. It has no need to know what a fleet is: at the
# door `scale` every kind looks the same. All the doors at a glance:
#
# <!-- zh 3f32e228 -->
# 管用；自动扩缩容也一样，它走的是同一扇门。它不必知道船队是什么：在 `scale` 这扇门前，所有种类看起来都一样。三扇门放在一起看：

# %%
t.picture("doors")

# %% [markdown]
# ### Your turn: wanted and reported
#
# Play both sides. Order a fleet called `red` of 3 ships. Then report, as its controller would, that 2 of them are at sea
# so far.
#
# <!-- zh 186a7609 -->
# ### 轮到你了：要的和报的
#
# 你来扮演双方。订一支叫 `red` 的船队，3 条船。然后像它的控制器那样报告：到目前为止，有 2 条已经出海。

# %%
order("Fleet", "red", "ships: …")

# %%
t.check("kinds-5")

# %% [markdown]
# ## A second version
#
# *Your kind is in use, by programs that you do not know. Now you want to add something. How do you change it without
# breaking theirs?*
#
# A definition can have several **versions** at once. Each is *served* or not: that decides whether it can be asked for.
# Exactly one is the *storage* version: that is the form in which objects are kept. All objects can be had in all served
# versions, whichever they were written in.
#
# Buoys had a depth at first. In version 2 they get a light:
#
# <!-- zh dfba3655 -->
# ## 第二个版本
#
# *你的种类有人在用，用它的程序你并不认识。现在你想加点东西。怎么改，才不会弄坏别人的？*
#
# 一份定义可以同时有好几个**版本**（version）。每个版本*提供*（served）或者不提供：这决定能不能按它来要。恰好有一个是*存储*（storage）版本：对象就以这种形式保存。不管当初按哪个版本写的，每个对象都可以按任何一个提供的版本取出来。
#
# 浮标起初只有深度。到了第 2 版，它们有了灯：

# %% tags=["keep"]
v1 = "{type: object, properties: {spec: {type: object, properties: {depth: {type: integer}}}}}"
v2 = """
type: object
properties:
  spec: {type: object, properties: {depth: {type: integer}, light: {type: string, default: green}}}
"""
depth = "- {name: Depth, type: integer, jsonPath: .spec.depth}\n"
light = "- {name: Light, type: string, jsonPath: .spec.light}\n"

# %%
define("Buoy", "buoys", version("v1", v1, depth, storage=False, deprecated=True), version("v2", v2, depth + light))

# %% [markdown]
# > **Guess first.** An old program writes `west` as a v1 buoy, a new one writes `east` as v2. Which light does each have,
# > for somebody who asks for v2? And for somebody who asks for v1?
#
# <!-- zh 9622f890 -->
# > **先猜一猜。** 旧程序按 v1 写下浮标 `west`，新程序按 v2 写下 `east`。按 v2 来问，它们各是什么灯？按 v1 来问呢？

# %%
order("Buoy", "west", "depth: 3")
order("Buoy", "east", "depth: 8, light: red", version="v2")
t.kubectl("get buoys.v2.tutor.example")

# %%
t.kubectl("get buoys.v1.tutor.example")

# %% [markdown]
# Both are there in both versions. Whoever asks for v1 sees what v1 knows, and is told that it is *deprecated*, going out of
# use. Whoever asks for v2 finds a light on every buoy: the default saw to it.
#
# No program has translated anything. The API server only changes the word `apiVersion` and shows the fields that the
# version knows. (Where a field has to be renamed or split, you have to write a *conversion webhook*. It pays to avoid that:
# add fields, and leave the old ones alone.)
#
# There is one catch. The old program reads `east`, makes it a little deeper, and writes it back, whole:
#
# > **Guess first.** `east` had a red light. And now?
#
# <!-- zh 7f5e2e9e -->
# 两个版本里都能看到两个浮标。按 v1 来问，看到的是 v1 认识的东西，还会被告知 v1 *已弃用*（deprecated），就要退场。按 v2 来问，每个浮标都有灯：默认值保证了这一点。
#
# 没有任何程序做过翻译。API 服务器只改 `apiVersion` 这个词，并只显示那个版本认识的字段。（如果字段要改名或拆开，就得写一个*转换 Webhook*。最好不要走到那一步：只添加字段，旧的不动。）
#
# 有一个陷阱。旧程序读出 `east`，改深一点，再整个写回去：
#
# > **先猜一猜。** `east` 原来是红灯。现在呢？

# %%
t.guess("kinds-e")

# %%
path = f"/apis/tutor.example/v1/namespaces/{t.namespace}/buoys/east"
buoy = t.client.raw("GET", path).body
buoy["spec"]["depth"] = 9
t.client.raw("PUT", path, buoy)
t.kubectl("get buoys.v2.tutor.example")

# %% [markdown]
# Green. The old program was shown no light, so it wrote none, and the default filled the gap. Nobody made a mistake.
#
# <!-- zh e66eb631 -->
# 绿灯。旧程序没有看到灯，所以没有写灯，默认值就填上了空缺。谁也没有做错。

# %%
t.picture("versions")

# %% [markdown]
# That is why a new field belongs into the schemas of *all* versions that are still served, even if the old ones do nothing with it.
# (A patch would have been harmless: it says only what it changes.)
#
# ### When may the old version go?
#
# First it is *deprecated*, then it is *served* no more. But objects may still lie in the store in the old form, written in
# the days when v1 was the storage version. The definition remembers which versions were ever stored in:
#
# <!-- zh 13500198 -->
# 所以，新的字段要写进*所有*仍在提供的版本的模式里，哪怕旧版本用不上它。（用 patch 就没事：它只写要改的。）
#
# ### 旧版本什么时候可以去掉？
#
# 先是*已弃用*，再是不再*提供*。可是存储里也许还有旧形式的对象，是 v1 还是存储版本的时候写下的。定义记得都用哪些版本存过：

# %%
t.get("crd/buoys.tutor.example")["status"]["storedVersions"]

# %% [markdown]
# Only v2 here. If v1 stood there, too, all objects would have to be written once more first, and v1 taken out of this list;
# before that, the API server refuses to let the version go.
#
# ### ③ Your turn: what may go
#
# `removable` is given a CustomResourceDefinition as a dict. It should return a list: the names of the versions that can be
# taken out of it without harm. Those are served no more, are not the storage version, and are not among
# `status.storedVersions`.
#
# <!-- zh 91d9a54c -->
# 这里只有 v2。如果 v1 也在里面，就得先把所有对象重写一遍，再把 v1 从这个列表里去掉；在那之前，API 服务器不会答应去掉这个版本。
#
# ### ③ 轮到你了：哪些可以去掉
#
# `removable` 会拿到一个 CustomResourceDefinition，是一个 dict。它应该返回一个列表：可以放心去掉的那些版本的名字。它们不再提供，不是存储版本，也不在 `status.storedVersions` 里。

# %% tags=["keep"]
@t.place("kinds-6")
def removable(definition):
    """③ Versions that may go."""
    return ...

# %%
t.check("kinds-6")

# %% [markdown]
# On the definition that this cluster has, your function says:
#
# <!-- zh ba6bc4f8 -->
# 对这个集群里现有的定义，你的函数说：

# %%
removable(t.get("crd/buoys.tutor.example"))

# %% [markdown]
# ## What you can do now
#
# - A **CustomResourceDefinition** is an object that teaches the API server a word. It belongs to the whole cluster.
# - A **schema** refuses what does not fit, at the moment it is written, and fills in **defaults**.
# - **Rules** in CEL compare fields, and with `oldSelf` the new with the old.
# - `status` has a door of its own, so that wish and report do not get in each other's way; `scale` is a door where every
#   kind looks the same.
# - **Versions** are served side by side and stored in one. Add fields, to all of them; go through deprecated, not served,
#   not stored.
#
# Your kinds have everything now but somebody who reads them. That is [lesson 10](10_operators.ipynb).
#
# **Read on** in the official documentation:
# [custom resources](https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/),
# [CustomResourceDefinitions step by step](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/),
# [their versions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/),
# and [CEL in Kubernetes](https://kubernetes.io/docs/reference/using-api/cel/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh bd00a7bd -->
# ## 你现在会做什么
#
# - **CustomResourceDefinition** 是一个对象，教 API 服务器认识一个词。它属于整个集群。
# - **模式**在写下的那一刻就拒绝不合格的，并填上**默认值**。
# - 用 CEL 写的**规则**比较字段，有了 `oldSelf`，还能比较新的和旧的。
# - `status` 有自己的门，让期望和报告互不妨碍；`scale` 是另一扇门，在那里所有种类看起来都一样。
# - **版本**可以并排提供，只以一种形式存储。新字段要加进每一个版本；退场的顺序是：已弃用，不提供，不存储。
#
# 你的种类现在什么都有了，只缺一个读它的人。那是[第 10 课](10_operators.ipynb)。
#
# **继续阅读**官方文档：[定制资源](https://kubernetes.io/zh-cn/docs/concepts/extend-kubernetes/api-extension/custom-resources/)、[CustomResourceDefinition 分步讲解](https://kubernetes.io/zh-cn/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)、[它的版本](https://kubernetes.io/zh-cn/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/)，以及 [Kubernetes 中的 CEL](https://kubernetes.io/zh-cn/docs/reference/using-api/cel/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
