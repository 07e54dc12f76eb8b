"""`registry.k8s.io/etcd`: members that find each other by address, join and leave by the membership API, keep keys.

What is simulated: a cluster's birth (`--initial-cluster-state=new`), joining it (`existing`), adding and removing
members, put, get and delete, a quorum without which nothing is written or read, data that outlives a restart where the
data directory does. Member and cluster ids are computed as etcd computes them.
What is not: Raft itself. Instead of a log, the newest state that a majority holds is copied to every member that can
be reached, at each write. Watches, leases, transactions, learners, snapshots, authentication and TLS say that they are
not simulated.
"""
