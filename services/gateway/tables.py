"""Gateway's tables, all of sign-in; the nouns' stores add their own."""

from __future__ import annotations

from sqlalchemy import MetaData

from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("gateway", METADATA)
