"""Worker processes, here or on other machines, that train shards: the extra ``bofcheck[cluster]``.

An executor trains, and the process that uses it writes the store, so workers need no shared disk.
"""

from .connect import local_workers, running_cluster

__all__ = ["local_workers", "running_cluster"]
