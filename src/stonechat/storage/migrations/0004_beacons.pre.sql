-- Beacons: short values that the world watches. A beacon's key is its short share id, which stands at the head of its status
-- id as well; everything that belongs to it begins with that key.

-- access, users_access, history_access: public, private, owner. presets is JSON [["OPEN", 1], …]; announces is the visibility of
-- the statuses that tell of a change, NULL where none are made. is_stale: watchers were told that nobody confirms the value.
CREATE TABLE beacons (
    id TEXT NOT NULL PRIMARY KEY,
    tail TEXT NOT NULL,
    owner_id BIGINT NOT NULL,
    key TEXT,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    color_no BIGINT NOT NULL DEFAULT 1,
    access TEXT NOT NULL,
    users_access TEXT NOT NULL,
    history_access TEXT NOT NULL,
    presets TEXT NOT NULL DEFAULT '[]',
    stale_after_s BIGINT,
    is_stale BIGINT NOT NULL DEFAULT 0,
    announces TEXT,
    hears_answers BIGINT NOT NULL DEFAULT 0,
    changes BIGINT NOT NULL DEFAULT 0,
    subscribers BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
) /* pairs */;
CREATE INDEX beacons_by_owner ON beacons (owner_id, created_ms);

-- number counts the changes of a beacon from 1, without a gap. source: api, page, token, answer.
CREATE TABLE beacon_changes (
    beacon_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    value TEXT NOT NULL,
    color_no BIGINT NOT NULL,
    account_id BIGINT,
    source TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (beacon_id, number)
) /* pairs */;
CREATE INDEX beacon_changes_by_age ON beacon_changes (made_ms, beacon_id, number);

-- role: owner, updater, subscriber. via: made, invited, link, followed. notifies: every change, or only the filtered ones.
CREATE TABLE beacon_roles (
    beacon_id TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    via TEXT NOT NULL,
    notifies BIGINT NOT NULL DEFAULT 1,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (beacon_id, account_id)
) /* pairs */;
CREATE INDEX beacon_roles_by_account ON beacon_roles (account_id, beacon_id);

-- kind: to (the value becomes this one), from (it was this one and is another now).
CREATE TABLE beacon_filters (
    beacon_id TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (beacon_id, account_id, kind, value)
) /* pairs */;

CREATE TABLE beacon_links (
    beacon_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT,
    PRIMARY KEY (beacon_id, secret)
) /* pairs */;
CREATE INDEX beacon_links_by_end ON beacon_links (expires_ms) WHERE expires_ms IS NOT NULL;

-- Statuses that told of a change, so that an answer to one can be taken for a new value.
CREATE TABLE beacon_announcements (
    status_id BIGINT PRIMARY KEY,
    beacon_id TEXT NOT NULL,
    number BIGINT NOT NULL
);
CREATE INDEX beacon_announcements_by_beacon ON beacon_announcements (beacon_id, number);

-- Keyed by account ------------------------------------------------------------------------

-- The owner's own names for beacons.
CREATE TABLE beacon_keys (
    owner_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    beacon_id TEXT NOT NULL,
    PRIMARY KEY (owner_id, key)
) /* pairs */;

-- kind: value, stale, deleted, role. What was so when it was made, whatever it is called by now.
CREATE TABLE beacon_notices (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    beacon_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    old_value TEXT,
    value TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE INDEX beacon_notices_by_beacon ON beacon_notices (beacon_id, account_id);
CREATE INDEX beacon_notices_by_age ON beacon_notices (made_ms);

CREATE TABLE beacon_inboxes (
    account_id BIGINT PRIMARY KEY,
    seen_id BIGINT NOT NULL
);

-- A page of several beacons.
CREATE TABLE boards (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
) /* pairs */;
CREATE INDEX boards_by_owner ON boards (owner_id, created_ms);

CREATE TABLE board_beacons (
    board_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    beacon_id TEXT NOT NULL,
    PRIMARY KEY (board_id, place)
) /* pairs */;
CREATE INDEX board_beacons_by_beacon ON board_beacons (beacon_id);

-- Keyed by webhook ------------------------------------------------------------------------

-- Of a beacon, or with beacon_id NULL of the notices of an account. try_ms: not before this, because the last tries failed;
-- failing_ms: since when they do. busy_by is who is at it, until busy_ms.
CREATE TABLE webhooks (
    id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    beacon_id TEXT,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    disabled_ms BIGINT,
    failing_ms BIGINT,
    tries BIGINT NOT NULL DEFAULT 0,
    try_ms BIGINT NOT NULL DEFAULT 0,
    busy_by TEXT,
    busy_ms BIGINT NOT NULL DEFAULT 0,
    last_ms BIGINT,
    last_status BIGINT,
    last_error TEXT
);
CREATE INDEX webhooks_by_beacon ON webhooks (beacon_id, id) WHERE beacon_id IS NOT NULL;
CREATE INDEX webhooks_by_account ON webhooks (account_id, id);

-- body is the JSON that is sent, as it is sent; delivered_ms is NULL while it waits.
CREATE TABLE webhook_deliveries (
    webhook_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    delivered_ms BIGINT,
    PRIMARY KEY (webhook_id, id)
) /* pairs */;
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, id) WHERE delivered_ms IS NULL;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (made_ms);

-- Keys and write tokens -------------------------------------------------------------------

-- kind gets another word: write (sets the value of one beacon and does nothing else). hint is the beginning of the secret.
ALTER TABLE tokens ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN hint TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN beacon_id TEXT;
ALTER TABLE tokens ADD COLUMN expires_ms BIGINT;
ALTER TABLE tokens ADD COLUMN used_ms BIGINT;
CREATE INDEX tokens_by_beacon ON tokens (beacon_id) WHERE beacon_id IS NOT NULL;

-- Jobs that are due at one moment are claimed in the order in which they were left.
DROP INDEX jobs_waiting;
CREATE INDEX jobs_waiting ON jobs (kind, run_ms, id) WHERE failed_ms IS NULL;
