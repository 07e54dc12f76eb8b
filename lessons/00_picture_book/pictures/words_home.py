"""What pages 1 to 7 say, in English and Chinese."""

from __future__ import annotations

from .page import Words

__all__ = ["WORDS"]

WORDS: dict[str, dict[str, Words]] = {
    "alone": {
        "en": Words(
            title="A program that needs a home",
            sentences=(
                "Lark was a little program, and she knew one song by heart.",
                "But she had no home yet, and no address where anybody could find her.",
            ),
            term="Pod",
            small="the home of a program: the smallest thing Kubernetes runs, with an address of its own",
            description=(
                "A wide sea at sundown. On an old mooring post sits a small yellow bird with a red suitcase and "
                "looks across the water to the houses of a town, far away."
            ),
        ),
        "zh": Words(
            title="没有家的小程序",
            sentences=(
                "小云雀是一个小小的程序，会唱一支歌。",
                "可是她还没有家，也没有地址，谁也不知道去哪儿找她。",
            ),
            term="Pod",
            small="程序的家，是 Kubernetes 运行的最小单位，有自己的地址",
            description=(
                "夕阳下一片宽阔的海。旧木桩上站着一只黄色的小鸟，身边放着红色的小箱子，望着远处水那边的小镇。"
            ),
        ),
    },
    "home": {
        "en": Words(
            title="A box of her own",
            sentences=(
                "Then she got a box with everything she needs in it: her notes, her lamp, her bread.",
                "Wherever such a box is opened, all is in its place, and the song sounds the same.",
            ),
            term="Container",
            small="a program with all its files, apart from its neighbours; this Pod holds two",
            description=(
                "A little house on a quay, cut open. Over the door stands its address, 10.244.1.2. In it is a blue "
                "box with a lamp, a shelf with bread, a sheet of music, and Lark, who sings; beside it a smaller "
                "green box, from which a finch with spectacles looks out."
            ),
        ),
        "zh": Words(
            title="一只自己的箱子",
            sentences=(
                "后来她有了一只箱子，乐谱、灯、面包，要用的都在里面。",
                "这样的箱子不管在哪儿打开，东西都在原位，歌也一样好听。",
            ),
            term="容器",
            small="一个程序和它要用的全部文件，与邻居互不打扰；这个 Pod 里有两个容器",
            description=(
                "码头上一座剖开的小房子，门上写着地址 10.244.1.2。屋里有一只蓝箱子，里面有灯、放着面包的架子和乐谱，"
                "小云雀正在唱歌；旁边是一只小一些的绿箱子，戴眼镜的小雀从里面往外看。"
            ),
        ),
    },
    "quays": {
        "en": Words(
            title="Three quays",
            sentences=(
                "Every house stands on a quay, and a quay has only so much room.",
                "Our harbour has three of them, and a house may stand on any.",
            ),
            term="Node",
            small="a machine with so much processor and memory; nodes together make a cluster",
            description=(
                "A harbour under a wide sky, with a lighthouse and sailing boats. Three wooden quays lie one behind "
                "the other; on each stand a red house and a blue one, and on two of them there is room for another."
            ),
        ),
        "zh": Words(
            title="三座码头",
            sentences=(
                "小房子总得有个落脚的地方，那就是码头；而一座码头只有那么大。",
                "我们的港口有三座码头，房子放在哪一座都行。",
            ),
            term="节点",
            small="一台处理器和内存都有限的机器；许多节点合起来就是集群",
            description=(
                "开阔的天空下是一个港口，有灯塔，有帆船。三座木码头一座比一座远，每座上面都有一座红房子和一座蓝房子，"
                "其中两座还有空位。"
            ),
        ),
    },
    "archive": {
        "en": Words(
            title="The drawing in the storehouse",
            sentences=(
                "In the storehouse hangs a drawing of Lark’s box, sealed against change.",
                "From one drawing come as many boxes as you like, and all are alike.",
            ),
            term="Image",
            small="what containers are started from; a registry keeps it, and the seal is its digest",
            description=(
                "A storehouse full of rolled drawings; light falls in through a tall window. On a blue sheet with a "
                "red seal Lark’s box is drawn in white lines, and under it roll three boxes on rails, all alike."
            ),
        ),
        "zh": Words(
            title="仓库里的图纸",
            sentences=(
                "仓库里挂着一张图纸，画的是小云雀的箱子，上面盖了印，谁改了都看得出来。",
                "照着一张图纸，想做几只箱子就做几只，只只都一样。",
            ),
            term="镜像",
            small="容器都是从它启动的，由镜像仓库保管；那枚印就是它的摘要（digest）",
            description=(
                "仓库里摆满了卷起来的图纸，光从高高的窗户照进来。一张盖着红印的蓝图上，用白线画着小云雀的箱子；"
                "下面的轨道上滚出三只一模一样的箱子。"
            ),
        ),
    },
    "wish": {
        "en": Words(
            title="The harbour master reads a wish",
            sentences=(
                "You write down what you wish for, and the harbour master enters it in the big book.",
                "The crane driver looks for a quay with room enough and says: there.",
            ),
            term="API server, scheduler",
            small="one keeps what you ask for, the other chooses a node with room enough",
            description=(
                "On the gallery of the lighthouse a pelican with a captain’s cap stands at a big open book; a gull "
                "brings her a note: 1 Lark, please. Behind her a crane with a small green driver lets a blue house "
                "down on a quay."
            ),
        ),
        "zh": Words(
            title="港务长读心愿",
            sentences=(
                "你把心愿写在纸条上，港务长读过，记进大本子。",
                "吊车师傅找一座还有空位的码头，说：就放那儿。",
            ),
            term="API 服务器、调度器",
            small="一个记下你要什么，一个挑选资源够用的节点",
            description=(
                "灯塔的露台上，戴船长帽的鹈鹕站在一本摊开的大本子前，海鸥给她送来一张纸条：请来一只云雀。她身后，"
                "绿色的小鸟开着吊车，正把一座蓝房子放到码头上。"
            ),
        ),
    },
    "twins": {
        "en": Words(
            title="Three of the same",
            sentences=(
                "One singer was too few for the town; the next note said: three, please.",
                "Now three Larks sing the same song, and you may listen to any of them.",
            ),
            term="Deployment",
            small="replicas: 3, so there shall always be three Pods of this kind",
            description=(
                "Three quays, on each a blue house from which a Lark sings. Their notes run together into one long "
                "line of music over the water to the town on the hill."
            ),
        ),
        "zh": Words(
            title="一模一样的三个",
            sentences=(
                "只有一个歌手，全城的人听不过来，于是下一张纸条写着：要三个。",
                "现在三只小云雀唱着同一支歌，你听到的是哪一只都没关系。",
            ),
            term="Deployment",
            small="replicas: 3，这样的 Pod 始终要有三个副本",
            description=(
                "三座码头，每座上面有一座蓝房子，里面都有一只小云雀在唱。歌声汇成一条长长的五线谱，越过水面，"
                "飘向山上的小镇。"
            ),
        ),
    },
    "storm": {
        "en": Words(
            title="The storm",
            sentences=(
                "Every quay blinks to the lighthouse: I am here, I am here.",
                "Then came a storm; the third quay went dark, and the song on it fell silent.",
            ),
            term="A node fails",
            small="no heartbeat any more: it is NotReady, and after a while its Pods are evicted",
            description=(
                "Storm, rain and lightning over the harbour. The lighthouse searches with its beam. On two quays "
                "lamps burn and a Lark sings; the third is broken, its lamp is out, and the house on it stands "
                "crooked and dark."
            ),
        ),
        "zh": Words(
            title="风暴来了",
            sentences=(
                "每座码头都朝灯塔一闪一闪：我在，我在。",
                "后来风暴来了，第三座码头的灯灭了，那儿的歌声也停了。",
            ),
            term="节点故障",
            small="心跳停了，节点变成 NotReady；再过一阵子，上面的 Pod 会被驱逐",
            description=(
                "港口上空风雨交加，电光闪闪，灯塔的光束四处搜寻。两座码头上灯还亮着，小云雀还在唱；第三座断了，"
                "灯灭了，上面的房子歪着，黑着。"
            ),
        ),
    },
}
