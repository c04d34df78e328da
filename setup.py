"""What `pyproject.toml` cannot say: the three parts stand at the root, inside no package folder.

The links in ``src/bofcheck`` are for editors and tests; a build never follows them, so a checkout
without symbolic links installs the same files.
"""

from setuptools import find_packages, setup

PARTS = ("theory", "simulate", "compare")

folders = {f"bofcheck.{part}": part for part in PARTS}
links = [pattern for name in folders for pattern in (name, f"{name}.*")]
packages = find_packages("src", exclude=links)
for name, folder in folders.items():
    packages += [name, *(f"{name}.{inner}" for inner in find_packages(folder))]

setup(packages=packages, package_dir={"": "src", **folders})
