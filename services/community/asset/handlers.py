"""Lists a directory's lines, some at a time, each batch in one transaction; the same file twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.community.asset.domain import Asset, Doubt, ListAssets, Listing, Remark, Taken
from services.community.kinds import Membership
from services.community.offer.domain import Offer, Where, fit_to_rules
from services.community.organisation.domain import Organisation
from shared.event import Code
from shared.events.community import OfferChanged, OfferOpened, OrganisationListed
from shared.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from services.community.asset.reading import Reading
    from services.community.store import CommunityStore
    from shared.passes import Origin
    from shared.ports import Rulebook
    from shared.shell import Shell, Tx

BATCH = 20
COMMUNITY = Code("community")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: lines read, listed anew, changed, the same, left out; and every remark, by line."""

    lines: int
    new: int
    changed: int
    same: int
    left_out: int
    remarks: tuple[Remark, ...]


async def import_assets(
    shell: Shell[CommunityStore],
    reading: Reading,
    rulebook: Rulebook,
    origin: Origin,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> ImportReport:
    """List what a file says. ``progress`` hears how many lines are done, of how many.

    Stopped half-way, what was listed is whole, and the same file again goes on from there.
    """
    totals = Taken()
    batches = [reading.assets[n : n + BATCH] for n in range(0, len(reading.assets), BATCH)]
    plain = replace(origin, request_id=None)
    done = 0
    for batch in batches:
        listings = await _with_ids(shell, batch)
        taken = await shell.run(list_assets, ListAssets(listings, rulebook), plain, gives=Taken)
        totals = Taken(
            totals.new + taken.new,
            totals.changed + taken.changed,
            totals.same + taken.same,
            (*totals.joined_lines, *taken.joined_lines),
        )
        done += len(batch)
        progress(done, len(reading.assets))
    joined = tuple(Remark(line, "name", Doubt.JOINED) for line in totals.joined_lines)
    remarks = tuple(sorted((*reading.remarks, *joined), key=lambda each: (each.line, each.column)))
    left_out = len({remark.line for remark in remarks if remark.left_out})
    return ImportReport(reading.lines, totals.new, totals.changed, totals.same, left_out, remarks)


async def _with_ids(shell: Shell[CommunityStore], batch: tuple[Asset, ...]) -> tuple[Listing, ...]:
    """Give each line the id that its organisation has here, or a new one."""
    known = await shell.read(lambda store: store.organisations_by_key([asset.key for asset in batch]))
    return tuple(Listing(asset, known.get(asset.key) or new_id(), new_id()) for asset in batch)


async def list_assets(command: ListAssets, tx: Tx[CommunityStore]) -> Taken:
    """List some lines: new ones with an offer each, changed ones anew. What has joined is left as it is."""
    keys = [listing.asset.key for listing in command.listings]
    known = await tx.store.organisations_by_key(keys)
    names = await tx.store.names_that_joined([each.asset.name for each in command.listings])
    new = changed = same = 0
    joined: list[int] = []
    for listing in command.listings:
        found = known.get(listing.asset.key)
        if found is None and listing.asset.name.casefold() in names:
            joined.append(listing.asset.line)
        elif found is None:
            await _list(listing, command.rulebook, tx)
            new += 1
        elif found == listing.organisation and await _renew(listing, command.rulebook, tx):
            changed += 1
        else:
            same += 1
    return Taken(new, changed, same, tuple(joined))


async def _list(listing: Listing, rulebook: Rulebook, tx: Tx[CommunityStore]) -> None:
    asset = listing.asset
    organisation = Organisation(
        id=listing.organisation,
        name=asset.name,
        kind=asset.kind,
        does=asset.does,
        reach=asset.reach,
        membership=Membership.LISTED,
        asked_at=tx.now,
        category=asset.category,
        directory_key=asset.key,
    )
    offer = _offer(asset, listing.offer, organisation.id, rulebook)
    await tx.store.add_organisation(organisation)
    await tx.store.add_offer(offer)
    tx.emit(
        OrganisationListed(subject=organisation.id, kind=Code(asset.kind.value)),
        OfferOpened(subject=organisation.id, offer=offer.id, intensity=offer.intensity),
    )


async def _renew(listing: Listing, rulebook: Rulebook, tx: Tx[CommunityStore]) -> bool:
    """Take over what changed in the directory; says whether something had."""
    asset = listing.asset
    before = await tx.store.get_organisation(listing.organisation)
    if before.membership is not Membership.LISTED:
        return False
    after = replace(
        before, name=asset.name, kind=asset.kind, does=asset.does, reach=asset.reach, category=asset.category
    )
    changed = after != before
    if changed:
        await tx.store.save_organisation(replace(after, revision=before.revision + 1))
    for offer in await tx.store.offers_of(before.id):
        fresh = replace(_offer(asset, offer.id, before.id, rulebook), revision=offer.revision)
        if fresh != offer:
            changed = True
            await tx.store.save_offer(replace(fresh, revision=offer.revision + 1))
            tx.emit(OfferChanged(subject=before.id, offer=offer.id, is_open=fresh.is_open, intensity=fresh.intensity))
    return changed


def _offer(asset: Asset, offer_id: UUID, organisation_id: UUID, rulebook: Rulebook) -> Offer:
    """Give the offer that a line stands for: nobody has checked it, and it is of the community's intensity."""
    known = asset.intensity in rulebook.intensities
    offer = Offer(
        id=offer_id,
        organisation=organisation_id,
        name=asset.name,
        says=asset.does,
        intensity=asset.intensity if known and asset.intensity else COMMUNITY,
        needs=asset.needs,
        for_whom=asset.for_whom,
        languages=asset.languages,
        where=Where(asset.reach.address, asset.reach.postcode),
        when=asset.when,
        how_to_come=asset.how_to_come,
        places_free=asset.places_free,
    )
    return fit_to_rules(offer, asset.kind, rulebook)
