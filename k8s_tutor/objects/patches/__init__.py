"""The patches of the API: JSON patch, merge patch, strategic merge patch. (Apply has its own room, `objects.apply`.)

Law: pure. Nothing given is changed; what a patch leaves alone is shared with the result.
"""

from k8s_tutor.objects.patches.jsonpatch import PatchError, json_patch, merge_diff, merge_patch
from k8s_tutor.objects.patches.strategic import strategic_merge

__all__ = ["PatchError", "json_patch", "merge_diff", "merge_patch", "strategic_merge"]
