-- What attempts at models used and cost, summed in the transaction that adds their entry to a journal. It holds names and
-- numbers and no run, so that it outlives what it counts. An amount stands still at 2^63 - 1.
CREATE TABLE usage (
    tenant            TEXT    NOT NULL REFERENCES tenants (tenant),
    day               TEXT    NOT NULL, -- in UTC: 2026-11-30
    skill             TEXT    NOT NULL,
    agent             TEXT    NOT NULL, -- who invoked it: the name of a token
    binding           TEXT    NOT NULL,
    backend           TEXT    NOT NULL,
    asked             TEXT    NOT NULL, -- the model as it was asked for
    served            TEXT    NOT NULL, -- the model that answered; empty where none did
    prices            TEXT    NOT NULL, -- the price list; empty where it knows no price
    calls             INTEGER NOT NULL, -- that were answered
    uncounted         INTEGER NOT NULL, -- of them, those whose tokens nobody counted
    input             INTEGER NOT NULL, -- tokens at the base rate
    cache_read        INTEGER NOT NULL,
    cache_write       INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    reasoning         INTEGER NOT NULL, -- a part of the output
    nano_dollars      INTEGER NOT NULL, -- billionths of a US dollar
    lost              INTEGER NOT NULL, -- attempts that may have left and have no answer
    lost_unpriced     INTEGER NOT NULL, -- of them, those for which nobody knew what to reserve
    lost_nano_dollars INTEGER NOT NULL, -- what was reserved for the others
    PRIMARY KEY (tenant, day, skill, agent, binding, backend, asked, served, prices)
) STRICT, WITHOUT ROWID;
