"""Worker processes, here or on other machines, that train shards: the extra ``bofcheck[cluster]``.

An executor trains; the process that asked for it writes the store. So workers need no disk in
common.
"""

from .connect import local_workers, running_cluster

__all__ = ["local_workers", "running_cluster"]
