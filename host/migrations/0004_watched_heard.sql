-- When the registry of a watched repository last answered.
ALTER TABLE watched ADD COLUMN heard_at INTEGER NOT NULL DEFAULT 0;
UPDATE watched SET heard_at = since;
