-- Communities: categories, votes, comments that are counted, labels that narrow who sees what.
-- What only some statuses have (title, action, HTML, place, whom it is addressed to) stands in one
-- JSON column, `facets`; what is counted, ordered by or looked for has a column or a table.

-- facets: JSON or NULL (storage/documents.py). categories: JSON list of ids, ancestors included.
-- top_id: the direct answer to the root beneath which a deeper answer is shown.
-- comments: answers at any depth that others may know of; kept for roots and direct answers.
-- activity_ms: when the newest comment came; NULL before the first one. reactions: JSON, pairs of a
-- reaction and how many gave it, but for the first, which is a favourite. rack: what public lists walk:
-- 1 status, 2 post, 3 discussion; 11, 12, 13 the same where it is addressed; 0 everything else.
-- is_removed: a moderator deleted it; of a boost, that it was taken back. Neither comes back by a
-- restore. open_visibility: of what is addressed, for whom it was or would be otherwise.
ALTER TABLE statuses ADD COLUMN facets TEXT;
ALTER TABLE statuses ADD COLUMN categories TEXT NOT NULL DEFAULT '[]';
ALTER TABLE statuses ADD COLUMN top_id BIGINT;
ALTER TABLE statuses ADD COLUMN comments BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN activity_ms BIGINT;
ALTER TABLE statuses ADD COLUMN reactions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE statuses ADD COLUMN followers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN flags BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN views BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN is_collapsed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN is_removed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN open_visibility BIGINT;
ALTER TABLE statuses ADD COLUMN rack BIGINT NOT NULL DEFAULT 0;
CREATE INDEX statuses_racked ON statuses (rack, id) WHERE rack > 0 AND deleted_ms IS NULL;
CREATE INDEX statuses_lively ON statuses (rack, activity_ms, id)
    WHERE rack > 0 AND activity_ms IS NOT NULL AND deleted_ms IS NULL;
CREATE INDEX statuses_polled ON statuses (rack, id)
    WHERE rack > 0 AND poll IS NOT NULL AND deleted_ms IS NULL;
CREATE INDEX statuses_addressed ON statuses (account_id, id) WHERE rack > 10 AND deleted_ms IS NULL;
CREATE INDEX statuses_by_top ON statuses (top_id, id) WHERE top_id IS NOT NULL;
-- Comments in their order: the first takes the place of an index that knew no order.
CREATE INDEX statuses_by_answered ON statuses (in_reply_to_id, id)
    WHERE in_reply_to_id IS NOT NULL;
DROP INDEX statuses_by_parent;
CREATE INDEX statuses_answering ON statuses (account_id, id) WHERE in_reply_to_id IS NOT NULL;

-- is_communal: 1 where only the community's dialect has a word for it. days: of a block, how long.
ALTER TABLE notifications ADD COLUMN is_communal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN days BIGINT;

ALTER TABLE accounts ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE logins ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
CREATE INDEX accounts_of_staff ON accounts (id) WHERE role <> 'user';
ALTER TABLE account_counters ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account_counters ADD COLUMN posts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account_counters ADD COLUMN discussions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account_counters ADD COLUMN polls BIGINT NOT NULL DEFAULT 0;

-- Copied everywhere -------------------------------------------------------------------------

-- tag is the hashtag by which a category is written, and followed, in the other dialects: who
-- follows a category is a row of tag_follows. details: JSON of what is only shown.
CREATE TABLE categories (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    details TEXT NOT NULL DEFAULT '{}',
    auto_follow TEXT NOT NULL DEFAULT 'none',
    is_staff_only BIGINT NOT NULL DEFAULT 0,
    is_active BIGINT NOT NULL DEFAULT 1,
    deleted_ms BIGINT,
    place BIGINT NOT NULL DEFAULT 0,
    image TEXT,
    emotional_image TEXT,
    stream_order TEXT NOT NULL DEFAULT 'recent',
    followers BIGINT NOT NULL DEFAULT 0,
    changed_ms BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX categories_by_name ON categories (name_key) WHERE deleted_ms IS NULL;
CREATE UNIQUE INDEX categories_by_slug ON categories (slug) WHERE deleted_ms IS NULL;
CREATE UNIQUE INDEX categories_by_tag ON categories (tag) WHERE deleted_ms IS NULL;
CREATE INDEX categories_by_place ON categories (place, id) WHERE deleted_ms IS NULL;
CREATE INDEX categories_automatic ON categories (tag)
    WHERE auto_follow <> 'none' AND is_active = 1 AND deleted_ms IS NULL;
CREATE INDEX categories_by_end ON categories (deleted_ms, id) WHERE deleted_ms IS NOT NULL;

CREATE TABLE category_parents (
    category_id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    PRIMARY KEY (category_id, parent_id)
) /* pairs */;
CREATE INDEX category_parents_by_parent ON category_parents (parent_id, category_id);

-- Labels are what the community dialect calls tags: of accounts, of categories, of statuses.
CREATE TABLE labels (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    color TEXT NOT NULL DEFAULT '',
    is_visible BIGINT NOT NULL DEFAULT 1,
    boosts_visibility BIGINT NOT NULL DEFAULT 0,
    is_active BIGINT NOT NULL DEFAULT 1,
    created_ms BIGINT NOT NULL,
    deleted_ms BIGINT
);
CREATE UNIQUE INDEX labels_by_name ON labels (type, name_key) WHERE deleted_ms IS NULL;

-- Who carries a label. A label that is deleted or switched off is carried by nobody.
CREATE TABLE label_holders (
    label_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (label_id, account_id)
) /* pairs */;
CREATE INDEX label_holders_by_account ON label_holders (account_id, label_id);

CREATE TABLE category_labels (
    label_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    PRIMARY KEY (label_id, category_id)
) /* pairs */;
CREATE INDEX category_labels_by_category ON category_labels (category_id, label_id);

-- is_kept: whether an administrator made or changed it. All others go with what shows them.
CREATE TABLE embeds (
    id BIGINT PRIMARY KEY,
    embed_type TEXT NOT NULL,
    embed_id TEXT NOT NULL,
    url TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    is_kept BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX embeds_by_name ON embeds (embed_type, embed_id);
CREATE INDEX embeds_by_embed_id ON embeds (embed_id, id);

-- What an administrator changed of the preferences that clients read at their start. value is JSON.
CREATE TABLE preferences (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) /* pairs */;

-- Keyed by status ---------------------------------------------------------------------------

-- A status in a category's feed. heat_ms orders by votes with decay: when it was said, later by
-- twelve and a half hours for every tenfold of its votes (domain/heat.py). open: 1 where everybody
-- may see it.
CREATE TABLE category_entries (
    category_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    is_open BIGINT NOT NULL,
    heat_ms BIGINT NOT NULL,
    activity_ms BIGINT NOT NULL,
    PRIMARY KEY (category_id, is_open, status_id)
) /* pairs */;
CREATE INDEX category_entries_by_heat
    ON category_entries (category_id, is_open, heat_ms, status_id);
CREATE INDEX category_entries_by_activity
    ON category_entries (category_id, is_open, activity_ms, status_id);
CREATE INDEX category_entries_by_status ON category_entries (status_id);

-- Whom a whole thread is for: those who carry one of these labels, and the author of each status.
CREATE TABLE addressings (
    thread_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    PRIMARY KEY (thread_id, label_id)
) /* pairs */;
CREATE INDEX addressings_by_label ON addressings (label_id, thread_id);

CREATE TABLE status_labels (
    status_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    PRIMARY KEY (status_id, label_id)
) /* pairs */;
CREATE INDEX status_labels_by_label ON status_labels (label_id, status_id);

-- Votes with a reaction other than the first: an account has a favourite or one of these.
CREATE TABLE reactions (
    status_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    reaction BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (status_id, account_id)
) /* pairs */;
CREATE INDEX reactions_by_status ON reactions (status_id, id);
CREATE INDEX reactions_by_account ON reactions (account_id, id);

CREATE TABLE flags (
    status_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    type BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (status_id, account_id)
) /* pairs */;
CREATE INDEX flags_by_account ON flags (account_id, id);
CREATE INDEX flags_by_status ON flags (status_id, id);

-- What was flagged, and what moderators decided about it. state: open, ignored, hidden or deleted.
-- account_id, flags: of the status. flagged_ms, moderated_ms: 0 where that never happened.
CREATE TABLE moderations (
    status_id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    type BIGINT,
    moderator_id BIGINT,
    flags BIGINT NOT NULL DEFAULT 0,
    flagged_ms BIGINT NOT NULL DEFAULT 0,
    moderated_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX moderations_by_flag ON moderations (flagged_ms, status_id);
CREATE INDEX moderations_by_flags ON moderations (flags, status_id);
CREATE INDEX moderations_by_decision ON moderations (moderated_ms, status_id);
CREATE INDEX moderations_by_state ON moderations (state, flagged_ms, status_id);
CREATE INDEX moderations_by_account ON moderations (account_id, status_id);
CREATE INDEX moderations_by_moderator ON moderations (moderator_id) WHERE moderator_id IS NOT NULL;

-- Keyed by account --------------------------------------------------------------------------

-- Who is blocked by a moderator: accounts that are disabled. days, ends_ms: NULL for no end.
CREATE TABLE account_bans (
    account_id BIGINT PRIMARY KEY,
    moderator_id BIGINT NOT NULL,
    began_ms BIGINT NOT NULL,
    days BIGINT,
    ends_ms BIGINT
);
CREATE INDEX accounts_by_state ON accounts (state, id) WHERE state <> 'active';

CREATE TABLE thread_follows (
    account_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, status_id)
) /* pairs */;
CREATE INDEX thread_follows_by_status ON thread_follows (status_id, account_id);
CREATE INDEX thread_follows_by_id ON thread_follows (account_id, id);

-- What administrators tell people in words of their own.
CREATE TABLE custom_notices (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    embed_id BIGINT,
    PRIMARY KEY (account_id, id)
) /* pairs */;

-- Which statuses of their feeds an account has had before its eyes.
CREATE TABLE feed_reads (
    account_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, status_id)
) /* pairs */;
CREATE INDEX feed_reads_by_status ON feed_reads (status_id);

-- The pictures that somebody may choose from. The one that is chosen is accounts.avatar; one that
-- another dialect put there has no row here until a second one comes.
CREATE TABLE account_avatars (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) /* pairs */;

-- What clients keep here for somebody. value is JSON.
CREATE TABLE account_preferences (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE UNIQUE INDEX account_preferences_by_name ON account_preferences (account_id, name);

ALTER TABLE media ADD COLUMN clicks BIGINT NOT NULL DEFAULT 0;
-- Of a medium that shows an embed: which one.
ALTER TABLE media ADD COLUMN embed_id BIGINT;
CREATE INDEX media_by_embed ON media (embed_id, status_id) WHERE embed_id IS NOT NULL;
CREATE UNIQUE INDEX media_by_id ON media (id);

-- A file that comes in pieces. What has arrived lies in upload_chunks until all of it is there;
-- then media_id says what became of it, so that whoever asks twice hears the same.
CREATE TABLE uploads (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    field TEXT NOT NULL,
    name TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    media_id BIGINT,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE INDEX uploads_by_end ON uploads (expires_ms);
CREATE TABLE upload_chunks (
    account_id BIGINT NOT NULL,
    upload_id BIGINT NOT NULL,
    start_bytes BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (account_id, upload_id, start_bytes)
);

-- Places that what everybody may see names. Two of one name that lie apart are two. namings: raised
-- by whoever names one, so that who takes away the last use learns of another that came meanwhile.
CREATE TABLE status_places (
    status_id BIGINT PRIMARY KEY,
    name_key TEXT COLLATE "C" NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lng DOUBLE PRECISION NOT NULL
);
CREATE INDEX status_places_by_place ON status_places (name_key, lat, lng, status_id);
CREATE TABLE places (
    name_key TEXT COLLATE "C" NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lng DOUBLE PRECISION NOT NULL,
    name TEXT NOT NULL,
    namings BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (name_key, lat, lng)
) /* pairs */;
CREATE TABLE place_words (
    word TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    namings BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (word, name_key)
) /* pairs */;
CREATE INDEX place_words_by_name ON place_words (name_key, word);

-- id: of a vote that was given in a community, where everybody may know of it; 0 for all others.
ALTER TABLE poll_votes ADD COLUMN id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX poll_votes_open ON poll_votes (status_id, id) WHERE id > 0;

-- kind: status, post or discussion; empty for what answers something, and of older orders.
-- edition: raised by every other wording, so that nobody says an old one.
ALTER TABLE scheduled_statuses ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE scheduled_statuses ADD COLUMN edition BIGINT NOT NULL DEFAULT 1;

-- family_id: the token that a line of renewals began with. token_id: the one that this came with.
CREATE TABLE refresh_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    family_id BIGINT NOT NULL,
    token_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    app_id BIGINT NOT NULL,
    scopes TEXT NOT NULL,
    is_public BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    used_ms BIGINT
) /* pairs */;
CREATE INDEX refresh_tokens_by_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_age ON refresh_tokens (created_ms);
CREATE INDEX tokens_by_end ON tokens (expires_ms)
    WHERE kind = 'person' AND revoked_ms IS NULL AND expires_ms IS NOT NULL;

-- What was said before --------------------------------------------------------------------------

UPDATE statuses SET rack = 1
    WHERE visibility = 0 AND in_reply_to_id IS NULL AND boost_of_id IS NULL;
WITH RECURSIVE beneath (id, top_id) AS (
    SELECT s.id, p.id FROM statuses s JOIN statuses p ON p.id = s.in_reply_to_id
        WHERE p.in_reply_to_id IS NOT NULL AND p.in_reply_to_id = p.thread_id
    UNION ALL
    SELECT s.id, b.top_id FROM statuses s JOIN beneath b ON b.id = s.in_reply_to_id
)
UPDATE statuses SET top_id = b.top_id FROM beneath b WHERE b.id = statuses.id;
UPDATE statuses SET comments = (
        SELECT COUNT(*) FROM statuses c WHERE c.top_id = statuses.id AND c.deleted_ms IS NULL
            AND c.visibility <= 1)
    WHERE in_reply_to_id = thread_id;
UPDATE statuses SET comments = (
        SELECT COUNT(*) FROM statuses c WHERE c.thread_id = statuses.id AND c.id <> statuses.id
            AND c.boost_of_id IS NULL AND c.deleted_ms IS NULL AND c.visibility <= 1)
    WHERE in_reply_to_id IS NULL AND boost_of_id IS NULL;
UPDATE statuses SET activity_ms = (
        SELECT MAX(c.id) / 4096 + 1262304000000 FROM statuses c
            WHERE c.thread_id = statuses.id AND c.deleted_ms IS NULL AND c.visibility <= 1)
    WHERE comments > 0 AND in_reply_to_id IS NULL;
UPDATE account_counters SET said = (
        SELECT COUNT(*) FROM statuses s WHERE s.account_id = account_counters.account_id
            AND s.in_reply_to_id IS NULL AND s.boost_of_id IS NULL AND s.deleted_ms IS NULL
            AND s.visibility <> 3),
    polls = (SELECT COUNT(*) FROM statuses s WHERE s.account_id = account_counters.account_id
            AND s.poll IS NOT NULL AND s.deleted_ms IS NULL AND s.visibility <> 3);
