-- The first schema. Every table belongs to a group (ARCHITECTURE.md, "Data"): the primary key
-- begins with the group's key, so that a distributed PostgreSQL can place it.
-- Instants are milliseconds since 1970, booleans are 0 or 1, text in JSON is ready to be sent.

-- Copied everywhere: read always, written seldom ------------------------------------------

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    domain TEXT,
    uri TEXT,
    url TEXT,
    display_name TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    fields TEXT NOT NULL DEFAULT '[]',
    avatar TEXT,
    header TEXT,
    is_locked BIGINT NOT NULL DEFAULT 0,
    is_bot BIGINT NOT NULL DEFAULT 0,
    is_group BIGINT NOT NULL DEFAULT 0,
    is_discoverable BIGINT NOT NULL DEFAULT 0,
    is_indexable BIGINT NOT NULL DEFAULT 0,
    hides_collections BIGINT NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT 'user',
    state TEXT NOT NULL DEFAULT 'active',
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_by_handle ON accounts (username_key, COALESCE(domain, ''));
CREATE INDEX accounts_discoverable ON accounts (id) WHERE is_discoverable = 1;

-- The words by whose beginning an account is found: its name, and those of its display name.
CREATE TABLE account_words (
    word TEXT COLLATE "C" NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (word, account_id)
) /* pairs */;
CREATE INDEX account_words_by_account ON account_words (account_id, word);

CREATE TABLE logins (
    account_id BIGINT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    locale TEXT NOT NULL DEFAULT 'en',
    reason TEXT NOT NULL DEFAULT '',
    default_visibility TEXT,
    default_sensitive BIGINT NOT NULL DEFAULT 0,
    default_language TEXT,
    app_id BIGINT,
    created_ms BIGINT NOT NULL,
    signed_in_ms BIGINT
);
CREATE UNIQUE INDEX logins_by_email ON logins (email_key);

CREATE TABLE apps (
    id BIGINT PRIMARY KEY,
    client_id TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX apps_by_client_id ON apps (client_id);

-- kind: person (a bearer token of somebody), app (client credentials), key (live values only).
CREATE TABLE tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account_id BIGINT,
    app_id BIGINT,
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
) /* pairs */;
CREATE INDEX tokens_by_account ON tokens (account_id);
CREATE INDEX tokens_by_app ON tokens (app_id, account_id);
CREATE UNIQUE INDEX tokens_by_id ON tokens (id);

CREATE TABLE codes (
    hash BYTEA NOT NULL PRIMARY KEY,
    app_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    created_ms BIGINT NOT NULL,
    used_ms BIGINT,
    token_id BIGINT
) /* pairs */;
CREATE INDEX codes_by_age ON codes (created_ms);
CREATE INDEX codes_by_account ON codes (account_id);

CREATE TABLE sessions (
    hash BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
) /* pairs */;
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (expires_ms);

-- Keyed by status -------------------------------------------------------------------------

-- A boost is a status with boost_of_id. mentions is JSON [[account id, username, domain], …] of
-- the mentions that are shown; tags is JSON ["name", …]; content is the rendered HTML.
CREATE TABLE statuses (
    id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    uri TEXT,
    url TEXT,
    kind TEXT NOT NULL DEFAULT 'status',
    in_reply_to_id BIGINT,
    in_reply_to_account_id BIGINT,
    is_parent_gone BIGINT NOT NULL DEFAULT 0,
    thread_id BIGINT NOT NULL,
    boost_of_id BIGINT,
    visibility BIGINT NOT NULL,
    is_sensitive BIGINT NOT NULL DEFAULT 0,
    has_media BIGINT NOT NULL DEFAULT 0,
    spoiler TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '',
    language TEXT,
    app_id BIGINT,
    mentions TEXT NOT NULL DEFAULT '[]',
    tags TEXT NOT NULL DEFAULT '[]',
    edited_ms BIGINT,
    deleted_ms BIGINT,
    pinned_ms BIGINT,
    replies BIGINT NOT NULL DEFAULT 0,
    boosts BIGINT NOT NULL DEFAULT 0,
    favourites BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX statuses_by_account ON statuses (account_id, id);
CREATE INDEX statuses_pinned ON statuses (account_id, pinned_ms) WHERE pinned_ms IS NOT NULL;
CREATE INDEX statuses_by_thread ON statuses (thread_id, id);
CREATE INDEX statuses_by_parent ON statuses (in_reply_to_id) WHERE in_reply_to_id IS NOT NULL;
CREATE INDEX statuses_by_boost ON statuses (boost_of_id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX statuses_deleted ON statuses (deleted_ms) WHERE deleted_ms IS NOT NULL;
-- The public timelines: public, no boosts, no answers to other people. The visibility is in front
-- although it is always the same: SQLite would walk the table's own key otherwise.
CREATE INDEX statuses_public ON statuses (visibility, id)
    WHERE visibility = 0 AND boost_of_id IS NULL AND deleted_ms IS NULL
    AND (in_reply_to_account_id IS NULL OR in_reply_to_account_id = account_id);

CREATE TABLE status_mentions (
    status_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    is_silent BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (status_id, account_id)
) /* pairs */;

CREATE TABLE status_tags (
    status_id BIGINT NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    account_id BIGINT NOT NULL,
    is_public BIGINT NOT NULL,
    PRIMARY KEY (status_id, tag)
) /* pairs */;
-- What everybody may see of a tag: its timeline, its history, and finding it by its beginning.
CREATE INDEX status_tags_by_tag ON status_tags (tag, status_id, account_id) WHERE is_public = 1;
CREATE INDEX status_tags_by_account ON status_tags (account_id, tag);

CREATE TABLE status_edits (
    status_id BIGINT NOT NULL,
    edited_ms BIGINT NOT NULL,
    spoiler TEXT NOT NULL,
    text TEXT NOT NULL,
    content TEXT NOT NULL,
    is_sensitive BIGINT NOT NULL,
    PRIMARY KEY (status_id, edited_ms)
) /* pairs */;

CREATE TABLE favourites (
    status_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (status_id, account_id)
) /* pairs */;
CREATE INDEX favourites_by_account ON favourites (account_id, id);
CREATE INDEX favourites_by_status ON favourites (status_id, id);

CREATE TABLE boosts (
    of_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    PRIMARY KEY (of_id, account_id)
) /* pairs */;
CREATE INDEX boosts_by_status ON boosts (of_id, status_id);

-- Keyed by account ------------------------------------------------------------------------

-- version rises with every change of what others see of an account, counters and profile alike.
CREATE TABLE account_counters (
    account_id BIGINT PRIMARY KEY,
    statuses BIGINT NOT NULL DEFAULT 0,
    followers BIGINT NOT NULL DEFAULT 0,
    followings BIGINT NOT NULL DEFAULT 0,
    last_status_ms BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE home_entries (
    account_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    boost_of_id BIGINT,
    boost_author_id BIGINT,
    PRIMARY KEY (account_id, status_id)
) /* pairs */;
CREATE INDEX home_entries_by_status ON home_entries (status_id);

CREATE TABLE followings (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_boosts BIGINT NOT NULL DEFAULT 1,
    notifies BIGINT NOT NULL DEFAULT 0,
    languages TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, target_id)
) /* pairs */;
CREATE INDEX followings_by_id ON followings (account_id, id);

-- The mirror of followings, for fan-out.
CREATE TABLE followers (
    target_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_boosts BIGINT NOT NULL DEFAULT 1,
    notifies BIGINT NOT NULL DEFAULT 0,
    languages TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (target_id, account_id)
) /* pairs */;
CREATE INDEX followers_by_id ON followers (target_id, id);
CREATE INDEX followers_notified ON followers (target_id) WHERE notifies = 1;

CREATE TABLE follow_requests (
    target_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_boosts BIGINT NOT NULL DEFAULT 1,
    notifies BIGINT NOT NULL DEFAULT 0,
    languages TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (target_id, account_id)
) /* pairs */;
CREATE INDEX follow_requests_by_id ON follow_requests (target_id, id);
CREATE INDEX follow_requests_by_account ON follow_requests (account_id);

CREATE TABLE blocks (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, target_id)
) /* pairs */;
CREATE INDEX blocks_by_id ON blocks (account_id, id);
CREATE INDEX blocks_by_target ON blocks (target_id, account_id);

CREATE TABLE mutes (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    hides_notifications BIGINT NOT NULL DEFAULT 1,
    expires_ms BIGINT,
    PRIMARY KEY (account_id, target_id)
) /* pairs */;
CREATE INDEX mutes_by_id ON mutes (account_id, id);
CREATE INDEX mutes_by_end ON mutes (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE domain_blocks (
    account_id BIGINT NOT NULL,
    domain TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, domain)
) /* pairs */;
CREATE INDEX domain_blocks_by_id ON domain_blocks (account_id, id);

CREATE TABLE account_notes (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    comment TEXT NOT NULL,
    PRIMARY KEY (account_id, target_id)
) /* pairs */;

CREATE TABLE endorsements (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, target_id)
) /* pairs */;

CREATE TABLE thread_mutes (
    account_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, thread_id)
) /* pairs */;

CREATE TABLE bookmarks (
    account_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, status_id)
) /* pairs */;
CREATE INDEX bookmarks_by_id ON bookmarks (account_id, id);
CREATE INDEX bookmarks_by_status ON bookmarks (status_id);

CREATE TABLE idempotency_keys (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    result_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
) /* pairs */;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_ms);

CREATE TABLE notifications (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    type TEXT NOT NULL,
    from_id BIGINT NOT NULL,
    status_id BIGINT,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE UNIQUE INDEX notifications_once
    ON notifications (account_id, type, from_id, COALESCE(status_id, 0));
CREATE INDEX notifications_by_status ON notifications (status_id) WHERE status_id IS NOT NULL;

-- One thread of direct statuses as one account sees it. participants is the sorted list of the
-- others' ids, joined by commas.
CREATE TABLE conversations (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    participants TEXT NOT NULL,
    last_status_id BIGINT NOT NULL,
    is_unread BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE UNIQUE INDEX conversations_once ON conversations (account_id, thread_id, participants);
CREATE INDEX conversations_by_last ON conversations (account_id, last_status_id);

CREATE TABLE conversation_statuses (
    account_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, conversation_id, status_id)
) /* pairs */;
CREATE INDEX conversation_statuses_by_status ON conversation_statuses (status_id);
CREATE INDEX conversation_statuses_by_account ON conversation_statuses (account_id, status_id);

CREATE TABLE lists (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    title TEXT NOT NULL,
    replies_policy TEXT NOT NULL DEFAULT 'list',
    is_exclusive BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, id)
) /* pairs */;

CREATE TABLE list_members (
    account_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, list_id, target_id)
) /* pairs */;
CREATE INDEX list_members_by_target ON list_members (account_id, target_id);

CREATE TABLE filters (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,
    action TEXT NOT NULL DEFAULT 'warn',
    expires_ms BIGINT,
    PRIMARY KEY (account_id, id)
) /* pairs */;

CREATE TABLE filter_keywords (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    filter_id BIGINT NOT NULL,
    keyword TEXT NOT NULL,
    is_whole_word BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE INDEX filter_keywords_by_filter ON filter_keywords (account_id, filter_id, id);

CREATE TABLE filter_statuses (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    filter_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE UNIQUE INDEX filter_statuses_once ON filter_statuses (account_id, filter_id, status_id);
CREATE INDEX filter_statuses_by_status ON filter_statuses (status_id);

CREATE TABLE markers (
    account_id BIGINT NOT NULL,
    timeline TEXT NOT NULL,
    last_read_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, timeline)
) /* pairs */;

CREATE TABLE tag_follows (
    account_id BIGINT NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, tag)
) /* pairs */;
CREATE INDEX tag_follows_by_tag ON tag_follows (tag, account_id);
CREATE INDEX tag_follows_by_id ON tag_follows (account_id, id);

CREATE TABLE featured_tags (
    account_id BIGINT NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (account_id, tag)
) /* pairs */;

CREATE TABLE dismissed_suggestions (
    account_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, target_id)
) /* pairs */;

-- Plain: of the machine, not of the product -------------------------------------------------

-- Work to do: what follows from a commit (written by that very commit), and what is due later.
CREATE TABLE jobs (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    once_key TEXT,
    run_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease TEXT,
    last_error TEXT
);
CREATE INDEX jobs_due ON jobs (run_ms);
CREATE UNIQUE INDEX jobs_once ON jobs (once_key) WHERE once_key IS NOT NULL;

CREATE TABLE processes (
    number BIGINT PRIMARY KEY,
    owner TEXT NOT NULL,
    leased_until_ms BIGINT NOT NULL
);

CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) /* pairs */;
