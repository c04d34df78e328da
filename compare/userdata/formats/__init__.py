"""Files and objects as tables of texts or as Datasets, one family of formats a module.

* `text`: CSV with commas, semicolons or tabs
* `records`: JSON lines, and what Hugging Face's Trainer leaves
* `frames`: DataFrames and Parquet
* `arrays`: dicts of arrays and ``.npz``
* `mlflow`: MLflow's folders
"""
