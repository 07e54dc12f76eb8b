"""What pages 8 to 14 say, in English and Chinese."""

from __future__ import annotations

from .page import Words

__all__ = ["WORDS"]

WORDS: dict[str, dict[str, Words]] = {
    "healing": {
        "en": Words(
            title="Two is not three",
            sentences=(
                "The owl counted two singers, but the big book said three.",
                "So a new Lark came to another quay: not the same one, but the same song.",
            ),
            term="Self-healing",
            small="a controller compares what is with what is wished for, and makes the missing Pod",
            description=(
                "A clear morning. A big owl sits on a mooring post beside a slate: three wished for, two here. Of "
                "the third quay only posts are left; a crane sets a new blue house down on another."
            ),
        ),
        "zh": Words(
            title="两个不是三个",
            sentences=(
                "猫头鹰数了数，只有两个歌手，可大本子上写着三个。",
                "于是另一座码头上来了一只新的小云雀：不是原来那只，唱的还是那支歌。",
            ),
            term="自我修复",
            small="控制器拿现状和期望状态一比，缺一个 Pod，就补一个",
            description=(
                "晴朗的早晨。一只大猫头鹰蹲在木桩上，旁边的石板上记着：要三个，有两个。第三座码头只剩下几根木桩；"
                "吊车正把一座新的蓝房子放到另一座码头上。"
            ),
        ),
    },
    "name": {
        "en": Words(
            title="A name on the door",
            sentences=(
                "Houses come and go, and every new one has a new address.",
                "One door bears Lark’s name, and leads to every house with a blue ribbon.",
            ),
            term="Service",
            small="one name and one address that stay, for all Pods with the label app=lark",
            description=(
                "A stone archway with a blue door, and over it the name Lark; two people come to it. Strings of blue "
                "flags run from the door up three terraces to three houses with blue ribbons; to the red house with "
                "a red ribbon there is none."
            ),
        ),
        "zh": Words(
            title="门上的名字",
            sentences=(
                "小房子来来去去，每来一座新的，地址都不一样。",
                "所以有一扇门写着小云雀的名字，凡是系蓝丝带的房子，它都通得到。",
            ),
            term="Service",
            small="名字和地址都不变，通向所有带标签 app=lark 的 Pod",
            description=(
                "石拱下一扇蓝色的门，上面写着云雀，两个人正走过来。"
                "几串小蓝旗从门口沿着三层台地拉向三座系蓝丝带的房子；系红丝带的红房子没有连上。"
            ),
        ),
    },
    "unready": {
        "en": Words(
            title="Not just yet",
            sentences=(
                "One Lark is still warming up her voice, so she has hung out a card: not yet.",
                "Everybody goes to her sisters for now, and comes to her when the card is gone.",
            ),
            term="Not ready",
            small="the readiness probe fails: the Pod is running, but gets no requests",
            description=(
                "Near by, in the window of a blue house, Lark in a red scarf drinks a cup of tea; on a card under "
                "her window stands: not yet. On the left people listen to two other Larks, and somebody is walking "
                "over to them."
            ),
        ),
        "zh": Words(
            title="请等一等",
            sentences=(
                "有一只小云雀还在润嗓子，窗前挂着小牌子：还没好。",
                "大家就先去听她的姐妹唱，等牌子摘了，再来找她。",
            ),
            term="未就绪",
            small="就绪探针没有通过：Pod 在运行，但收不到请求",
            description=(
                "近处一座蓝房子的窗口，围着红围巾的小云雀正在喝茶，窗下的牌子写着：还没好。左边，"
                "人们在听另外两只小云雀唱歌，还有一个人正朝那边走去。"
            ),
        ),
    },
    "gate": {
        "en": Words(
            title="A gate to the street",
            sentences=(
                "Round the harbour runs a wall; only neighbours inside could hear Lark.",
                "Now there is a gate to the street, with a number all the town can find.",
            ),
            term="LoadBalancer",
            small="a Service with an address outside the cluster as well (EXTERNAL-IP)",
            description=(
                "A long stone wall with an open gate, and over it the number 203.0.113.1. People come along the "
                "street from both sides; through the arch you see the harbour, the lighthouse and three blue houses."
            ),
        ),
        "zh": Words(
            title="通向大街的门",
            sentences=(
                "港口有一道围墙，从前只有墙里的邻居能来听歌。",
                "现在墙上开了一扇朝街的大门，门牌号全城都找得到。",
            ),
            term="LoadBalancer",
            small="在集群外面也有地址的 Service（EXTERNAL-IP）",
            description=(
                "一道长长的石墙，大门敞开，门上的号码是 203.0.113.1。人们从街道两头走来；透过拱门，"
                "看得见港口、灯塔和三座蓝房子。"
            ),
        ),
    },
    "verse": {
        "en": Words(
            title="A new verse",
            sentences=(
                "Lark’s song has a second verse now, and new houses are built for it.",
                "A new one comes, an old one goes, and all the while somebody sings.",
            ),
            term="Rolling update",
            small="a new image, and the Pods are replaced little by little",
            description=(
                "A long quay at sundown. A blue house and a green one sing on it, and a crane brings another green "
                "house. A boat carries a blue house away, and the Lark in it has closed her eyes."
            ),
        ),
        "zh": Words(
            title="新的一段",
            sentences=(
                "小云雀的歌添了第二段，于是有了新图纸，也有了新房子。",
                "来一座新的，走一座旧的，歌声一刻也没有停。",
            ),
            term="滚动更新",
            small="换了新镜像，Pod 一点一点地替换",
            description=(
                "夕阳下一座长码头。上面一座蓝房子和一座绿房子都在唱歌，吊车又送来一座绿房子。"
                "一条船载着一座蓝房子离开，里面的小云雀已经闭上了眼睛。"
            ),
        ),
    },
    "keeper": {
        "en": Words(
            title="The keeper who never sleeps",
            sentences=(
                "A bakery needs more than a place: an oven to feed, and dough to save.",
                "So another owl has learned the trade and looks after it day and night.",
            ),
            term="Operator",
            small="a controller that knows one trade: how to run a database and back it up, for example",
            description=(
                "A bakery, late. In the open house an oven glows, and loaves lie on a shelf. Before it stands an owl "
                "in a white apron, wide awake, with a lantern, beside a crock of dough; the baker, a white hen, is "
                "asleep on a cushion."
            ),
        ),
        "zh": Words(
            title="从不睡觉的守护人",
            sentences=(
                "光有地方还开不成面包房：炉火得有人添柴，面种得有人留好。",
                "于是又有一只猫头鹰学会了这门手艺，白天黑夜都在照看。",
            ),
            term="Operator",
            small="懂一门手艺的控制器，比如怎样运行数据库、怎样做备份",
            description=(
                "夜深了，面包房的门敞着，炉火正旺，架子上放着面包。一只系白围裙的猫头鹰睁大眼睛站在前面，提着灯，"
                "身边是一坛面种；面包师白母鸡在垫子上睡着了。"
            ),
        ),
    },
    "really": {
        "en": Words(
            title="And this is how it really looks",
            sentences=(
                "In truth there are no owls, only programs that look, compare and act.",
                "But Lark is real, and she is singing now: knock on her door.",
            ),
            term="Kubernetes",
            small="a Deployment owns a ReplicaSet, which owns three Pods; a Service finds them",
            description=(
                "Over the harbour a sheet of paper rolls open, and Lark sits on its edge. On it the same things as "
                "engineers draw them: a Deployment, below it a ReplicaSet, from it lines to three Pods on three "
                "nodes, and from a Service dotted lines to the same three Pods."
            ),
        ),
        "zh": Words(
            title="其实它是这个样子",
            sentences=(
                "其实没有猫头鹰，只有一些程序，一遍又一遍地看一看、比一比、动动手。",
                "不过小云雀是真的，此刻正在唱歌：去敲敲她的门吧。",
            ),
            term="Kubernetes",
            small="Deployment 管着 ReplicaSet，ReplicaSet 管着三个 Pod，Service 找得到它们",
            description=(
                "港口的画面上展开一张图纸，小云雀站在纸边。同样的东西，工程师是这样画的："
                "Deployment 下面是 ReplicaSet，从它连线到三个节点上的三个 Pod，Service 也用虚线连着这三个 Pod。"
            ),
        ),
    },
}
