"""Apache Parquet: the table of `_columns`, one row group per cell, problems in the metadata."""

from __future__ import annotations

import json
from pathlib import Path

from ..store import Store
from ._columns import ENDS, column_names, tables
from ._export import Export


def write(store: Store, path: Path) -> None:
    """Write the table; the metadata key ``bofcheck`` holds JSON: cell -> its problem as TOML."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    problems = {name: store.head(name, 0).problem.to_toml() for name in store.names()}
    whole = dict.fromkeys(("seed", "step", *ENDS), pa.int64())
    kinds = {"cell": pa.string(), **whole}
    schema = pa.schema(
        [(name, kinds.get(name, pa.float64())) for name in column_names(store)],
        metadata={"bofcheck": json.dumps({"settings": store.settings, "problems": problems})},
    )
    # opened here, since pyarrow takes only names that are UTF-8
    with path.open("wb") as file, pq.ParquetWriter(file, schema) as writer:
        for name, columns in tables(store):
            rows = len(columns["seed"])
            writer.write_table(pa.table({"cell": [name] * rows, **columns}, schema=schema))


EXPORT = Export(write, needs=("pyarrow",))
