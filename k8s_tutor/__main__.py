"""`python -m k8s_tutor` is `k8s-tutor`, where the folder of scripts is not on the path."""

import sys

from k8s_tutor.cli import main

if __name__ == "__main__":
    sys.exit(main())
