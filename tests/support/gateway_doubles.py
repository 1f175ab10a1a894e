"""Implementations of the ports that gateway asks, for tests of sign-in alone."""

from uuid import UUID

from shared.event import Code, Role
from shared.ids import new_id
from shared.ports import Organisation, SignIn


class OpenCommunity:
    """Knows every organisation; its members are those that a test names."""

    def __init__(self) -> None:
        self.members: dict[str, SignIn] = {}
        self.left: set[UUID] = set()

    def add(self, email: str, role: Role = Role.PEER_SUPPORTER, organisation: UUID | None = None) -> SignIn:
        self.members[email] = SignIn(role, member=new_id(), organisation=organisation or new_id())
        return self.members[email]

    async def organisation(self, organisation_id: UUID) -> Organisation:
        return Organisation(
            organisation_id, Code("council"), funded=True, commissioned=True, active=True, buddy=None, can_lead=True
        )

    async def sign_in(self, email: str) -> SignIn | None:
        return self.members.get(email)

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        return await self.role_of(member, organisation) is not None

    async def role_of(self, member: UUID, organisation: UUID) -> Role | None:
        same = (each for each in self.members.values() if (each.member, each.organisation) == (member, organisation))
        found = next(same, None)
        return None if found is None or member in self.left else found.role


class OpenIntake:
    """People whose address a test names."""

    def __init__(self) -> None:
        self.people: dict[str, SignIn] = {}

    async def sign_in(self, email: str) -> SignIn | None:
        return self.people.get(email)


class Mailbox:
    """Keeps the links that would have been sent."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str]] = []

    async def send_link(self, email: str, token: str) -> None:
        self.links.append((email, token))
