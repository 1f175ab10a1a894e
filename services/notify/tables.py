"""Notify's kernel tables; the nouns' stores add their own."""

from __future__ import annotations

from sqlalchemy import MetaData

from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("notify", METADATA)
