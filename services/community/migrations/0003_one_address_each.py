"""Nobody signs in with an address that somebody else has, also when both are added at once."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is new."""
    _community_member()


def _community_member() -> None:
    op.drop_index("community_member_email", table_name="community_member")
    op.create_index("community_member_email", "community_member", ["email"], unique=True)
