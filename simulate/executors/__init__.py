"""Many processes, on this machine or on others, that train shards: the extra ``bofcheck[cluster]``.

A crew trains; the process that hired it keeps the shards. So workers need no disk in common.
"""

from .workers import local_workers, running_cluster

__all__ = ["local_workers", "running_cluster"]
