"""The ledger: entries are added and never changed; each names the hash of the one before, which only one may follow."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE entries (
            seq bigint PRIMARY KEY CHECK (seq >= 0),
            at timestamptz NOT NULL,
            environment text NOT NULL,
            kind text NOT NULL,
            body text NOT NULL,
            prev char(64) NOT NULL UNIQUE CHECK (prev ~ '^[0-9a-f]{64}$'),
            hash char(64) NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$')
        )
    """)
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
