-- Runners claim by kind, so that slow kinds hold up nobody, and a kind that this release does not know waits for one that
-- does. failed_ms: given up after many attempts, kept for the operator to see.
ALTER TABLE jobs ADD COLUMN failed_ms BIGINT;
DROP INDEX jobs_due;
CREATE INDEX jobs_waiting ON jobs (kind, run_ms) WHERE failed_ms IS NULL;
CREATE INDEX jobs_failed ON jobs (failed_ms) WHERE failed_ms IS NOT NULL;
