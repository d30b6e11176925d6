-- The first key of every table is the tenant. Rows that concern the whole host stand under `*`, which no tenant can be
-- named. Times are microseconds since 1970 (UTC). Sealed columns hold what `seal.rs` made and nothing else.

CREATE TABLE tenants (
    tenant     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    key        BLOB    NOT NULL, -- sealed: the tenant's key
    PRIMARY KEY (tenant)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    tenant       TEXT    NOT NULL REFERENCES tenants (tenant),
    id           BLOB    NOT NULL, -- UUID version 7
    name         TEXT    NOT NULL,
    hash         BLOB    NOT NULL, -- SHA-256 of the token, which is kept nowhere
    roles        TEXT    NOT NULL, -- JSON array
    publisher    TEXT,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    tenant TEXT    NOT NULL,
    seq    INTEGER NOT NULL UNIQUE, -- 1, 2, 3 and so on over all tenants
    at     INTEGER NOT NULL,
    by     TEXT    NOT NULL,
    entry  TEXT    NOT NULL, -- JSON
    PRIMARY KEY (tenant, seq)
) STRICT;

CREATE TRIGGER ledger_keeps_entries BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_loses_nothing BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE runs (
    tenant       TEXT    NOT NULL REFERENCES tenants (tenant),
    id           BLOB    NOT NULL, -- UUID version 7: runs sort by their start
    skill        TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    digest       BLOB    NOT NULL,
    tool         TEXT    NOT NULL,
    by           TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    code         TEXT,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    fuel         INTEGER NOT NULL,
    guest_us     INTEGER NOT NULL,
    key          BLOB    NOT NULL, -- sealed: the run's data key
    arguments    BLOB    NOT NULL, -- sealed: JSON
    result       BLOB,             -- sealed: JSON
    logs         BLOB,             -- sealed: JSON
    logs_dropped INTEGER NOT NULL,
    start        BLOB    NOT NULL, -- sealed: what the guest sees that is not an argument
    wake_at      INTEGER,          -- when a suspended run goes on, whatever happens
    cut_off      INTEGER NOT NULL, -- how often the host ended while it ran
    PRIMARY KEY (tenant, id)
) STRICT;

-- Invocations that carry an Idempotency-Key: the first of each has a run.
CREATE TABLE invocations (
    tenant     TEXT    NOT NULL REFERENCES tenants (tenant),
    key        BLOB    NOT NULL, -- SHA-256 of the caller's token and the key
    parameters BLOB    NOT NULL, -- SHA-256 of what was asked
    run        BLOB    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, key),
    FOREIGN KEY (tenant, run) REFERENCES runs (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_state ON runs (tenant, state, id);
CREATE INDEX runs_by_skill ON runs (tenant, skill, id);

CREATE TABLE run_files (
    tenant     TEXT    NOT NULL,
    run        BLOB    NOT NULL,
    place      INTEGER NOT NULL, -- the order in which the run made them
    name       TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    sha256     BLOB    NOT NULL,
    content    BLOB    NOT NULL,
    PRIMARY KEY (tenant, run, place),
    UNIQUE (tenant, run, name),
    FOREIGN KEY (tenant, run) REFERENCES runs (tenant, id)
) STRICT;

CREATE INDEX run_files_by_content ON run_files (tenant, sha256);

CREATE TABLE files (
    tenant     TEXT    NOT NULL REFERENCES tenants (tenant),
    sha256     BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    content    BLOB    NOT NULL,
    key        BLOB    NOT NULL, -- sealed: the file's data key
    by         TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, sha256)
) STRICT;

-- The bytes of files, in parts, so that neither an upload nor a download is ever whole in memory.
CREATE TABLE contents (
    tenant  TEXT    NOT NULL,
    content BLOB    NOT NULL, -- UUID version 7
    part    INTEGER NOT NULL,
    bytes   BLOB    NOT NULL, -- sealed
    PRIMARY KEY (tenant, content, part)
) STRICT;

-- Contents that no file owns yet: what is left of them at the next start is removed.
CREATE TABLE uploads (
    tenant  TEXT    NOT NULL REFERENCES tenants (tenant),
    content BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, content)
) STRICT, WITHOUT ROWID;

-- What runs asked of the gate. An entry holds numbers, names, codes and commitments; everything else is sealed.
CREATE TABLE journals (
    tenant TEXT    NOT NULL,
    run    BLOB    NOT NULL,
    fence  INTEGER NOT NULL, -- who may write: the number of the latest claim
    length INTEGER NOT NULL, -- entries so far
    ended  INTEGER NOT NULL, -- 1 once nothing can follow
    PRIMARY KEY (tenant, run),
    FOREIGN KEY (tenant, run) REFERENCES runs (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    tenant  TEXT    NOT NULL,
    run     BLOB    NOT NULL,
    place   INTEGER NOT NULL, -- 0, 1, 2 and so on
    number  INTEGER NOT NULL, -- of the call or timer, as in the entry
    entry   TEXT    NOT NULL, -- JSON
    call    BLOB,             -- sealed: what was asked
    outcome BLOB,             -- sealed: how it ended
    PRIMARY KEY (tenant, run, place),
    FOREIGN KEY (tenant, run) REFERENCES journals (tenant, run)
) STRICT;

-- Bodies too large to stand in a call or an outcome, once a run however often it names them.
CREATE TABLE journal_bodies (
    tenant TEXT NOT NULL,
    run    BLOB NOT NULL,
    name   BLOB NOT NULL, -- a commitment to the SHA-256 under the run's key
    bytes  BLOB NOT NULL, -- sealed
    PRIMARY KEY (tenant, run, name),
    FOREIGN KEY (tenant, run) REFERENCES journals (tenant, run)
) STRICT;

-- Questions to people that nobody answered yet; each goes with its answer, or with the end of its call or run.
CREATE TABLE consents (
    tenant TEXT    NOT NULL,
    run    BLOB    NOT NULL,
    number INTEGER NOT NULL, -- of the call
    until  INTEGER NOT NULL,
    PRIMARY KEY (tenant, run, number),
    FOREIGN KEY (tenant, run) REFERENCES journals (tenant, run)
) STRICT, WITHOUT ROWID;
