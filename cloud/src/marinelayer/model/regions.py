"""The regions that AWS has, of all its partitions, as botocore knows them."""

from __future__ import annotations

import functools

from botocore.loaders import Loader


@functools.cache
def regions() -> frozenset[str]:
    """Their names, read on first use."""
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    partitions = loader.load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])
