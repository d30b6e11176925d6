-- What was last found in each repository that a tenant watches.
CREATE TABLE watched (
    tenant    TEXT    NOT NULL REFERENCES tenants (tenant),
    reference TEXT    NOT NULL, -- as it is configured
    skill     TEXT    NOT NULL,
    version   TEXT    NOT NULL,
    digest    BLOB    NOT NULL,
    since     INTEGER NOT NULL, -- when this digest was first found
    gone_at   INTEGER,          -- since when the registry offers no longer what the tenant runs
    PRIMARY KEY (tenant, reference)
) STRICT, WITHOUT ROWID;
