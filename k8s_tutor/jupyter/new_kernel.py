"""Run by each kernel that `k8s-tutor lab` starts, before its first cell."""

from k8s_tutor.new_kernel import explain_missing_session

explain_missing_session()
del explain_missing_session
