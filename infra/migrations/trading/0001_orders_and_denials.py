"""Orders and denials of one trading schema: the engine's projection of its journal."""

from alembic import op

revision = "0001"
down_revision = None

_PROVENANCE = """
    commit text NOT NULL,
    bundle_digest text NOT NULL,
    snapshot_digest text NOT NULL,
    flag text NOT NULL,
    reason text NOT NULL,
    body text NOT NULL
"""
_SUBJECT = """
    at timestamptz NOT NULL,
    account_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity bigint NOT NULL CHECK (quantity > 0),
    limit_price numeric NULL,
"""
_ASKED = """
    at timestamptz NOT NULL,
    account_id text NOT NULL,
    symbol text NOT NULL,
    side text NULL CHECK (side IN ('buy', 'sell')),
    quantity bigint NULL,
"""
"""What a denied signal asked for; one that is denied before it is sized has no side or quantity."""


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE orders (
            order_id text PRIMARY KEY, seq bigint NOT NULL, {_SUBJECT} state text NOT NULL, {_PROVENANCE}
        )
    """)
    op.execute("CREATE INDEX orders_by_account ON orders (account_id, seq)")
    op.execute(f"""
        CREATE TABLE denials (
            seq bigint PRIMARY KEY, signal_id text NOT NULL, {_ASKED} code text NOT NULL, codes text NOT NULL,
            {_PROVENANCE}
        )
    """)
    op.execute("CREATE INDEX denials_by_account ON denials (account_id, seq)")
