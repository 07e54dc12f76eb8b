"""`t.traffic` and `t.url`: requests to a Service or a Pod, and who answered.

`routes` finds where requests go, `senders` sends them from Pods in the cluster, or from
the learner's own computer, and reads what came back.
"""
