"""The bytes of trained models: blobs, wrapped by the keyring, that rows name."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from marinelayer.ports import Blobs, Keyring, Tables, Transaction
from marinelayer.services.comprehend.resources import SQL, Resource


class ModelFiles:
    """Keeps models' bytes."""

    def __init__(self, blobs: Blobs, keyring: Keyring) -> None:
        self._blobs = blobs
        self._keyring = keyring

    async def save(self, resource: Resource, data: bytes) -> str:
        """Keep a model's bytes; the id under which a row is to name them. They are durable when this returns."""
        wrapped = await asyncio.to_thread(self._keyring.wrap, data, _purpose(resource))
        writer = self._blobs.create()
        try:
            await writer.write(wrapped)
            await writer.finish()
        except BaseException:
            await writer.abandon()
            raise
        return writer.blob_id

    async def load(self, resource: Resource) -> bytes:
        """The bytes of a trained model.

        Raises:
            ValueError: it has none, or they are not what was kept.
        """
        if resource.blob_id is None:
            raise ValueError(f"{resource.arn} has no bytes")
        path = self._blobs.read(resource.blob_id, 0, 0).path
        wrapped = await asyncio.to_thread(path.read_bytes)
        return await asyncio.to_thread(self._keyring.unwrap, wrapped, _purpose(resource))

    async def remove(self, blob_id: str) -> None:
        """Remove the bytes; nothing happens if they are gone."""
        await self._blobs.delete(blob_id)


def _purpose(resource: Resource) -> str:
    return f"comprehend.model/{resource.arn}"


def named_models(tx: Transaction, blob_ids: Sequence[str]) -> set[str]:
    """Which of the ids are blobs that a model's row names."""
    return {blob_id for blob_id in blob_ids if tx.one(SQL.named_blob, blob_id=blob_id) is not None}


async def named(tables: Tables, blob_ids: Sequence[str]) -> Collection[str]:
    """Which of the stored blobs a model names, for the sweeper."""
    return await tables.read(named_models, blob_ids)
