"""The regions that AWS has, of all its partitions, as botocore knows them."""

from __future__ import annotations

import functools

from botocore.loaders import Loader


@functools.cache
def regions() -> frozenset[str]:
    """Their names, read on first use. What botocore calls a region of a whole partition (`aws-global`) is none."""
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    partitions = loader.load_data("partitions")["partitions"]
    named = (region for partition in partitions for region in partition["regions"])
    return frozenset(region for region in named if not region.endswith("-global"))
