"""kubectl from a notebook: the real one where it is installed, else a built-in one that prints the same.

    applying.py     Applying manifests and what is like it: `apply`, `create -f`, `replace`, `diff`
    arguments.py    A kubectl command line read as kubectl reads it: verbs, flags in all their spellings
    builtin.py      Which kubectl: the installed one, else the built-in one, a table of verbs
    choosing.py     Which objects a line means: `pods`, `pod web db`, `pod/web svc/db`, `pods,svc -l app=web`
    containers.py   `kubectl logs` and `kubectl exec`: of Pods, and of what makes Pods
    create/         `kubectl create KIND NAME`: objects made from flags
    describe/       `kubectl describe`: everything about an object that a person wants to read
    discovery.py    What a server is, serves and allows: `api-resources`, `api-versions`, `version`
    explain.py      `kubectl explain`: what a field means, from the server's own OpenAPI document
    flags.py        The commands of the built-in kubectl and their flags, as data
    get.py          Looking: `kubectl get`, `events` and `top`
    nodes.py        `kubectl cordon`, `uncordon`, `drain` and `taint`
    printing.py     Objects as kubectl prints them: tables, `--sort-by`, `-o yaml`, `json`, `name`
    rollout.py      `kubectl rollout`: status, history, undo, restart, pause, resume
    run.py          `kubectl run`, `expose`, `scale` and `autoscale`
    setting.py      Changing some fields: `kubectl set`, `patch`, `label` and `annotate`
    task.py         One command line being run: what it was given, what it writes in kubectl's name
    waiting.py      `kubectl wait` and `kubectl delete`, which waits as well

Law: both talk to the cluster the session is connected to, through our own kubeconfig or client, never the user's.
What the built-in one lacks it says, and how to get the real kubectl; it never pretends. The real one is the judge of
every word: `tests/unit/kubectl/chapters` are run by both, side by side.
"""
