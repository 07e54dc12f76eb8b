"""`python -m k8s_tutor.authoring new|check|build|translations`: the same as `k8s-tutor lesson`."""

from __future__ import annotations

import sys

from k8s_tutor.authoring.commands import main

if __name__ == "__main__":
    sys.exit(main())
