-- Media, polls, quotes, link cards and scheduled statuses. What a status shows of them stands in
-- its own row as JSON, as its mentions and tags do: reading one costs no other table.

-- media, poll and card hold views by the names of their fields (storage/documents.py). quote_state:
-- accepted or revoked. quote_policy: 0 everybody, 1 followers, 2 nobody.
ALTER TABLE statuses ADD COLUMN media TEXT NOT NULL DEFAULT '[]';
ALTER TABLE statuses ADD COLUMN poll TEXT;
ALTER TABLE statuses ADD COLUMN card TEXT;
ALTER TABLE statuses ADD COLUMN quote_of_id BIGINT;
ALTER TABLE statuses ADD COLUMN quote_state TEXT;
ALTER TABLE statuses ADD COLUMN quote_policy BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN quotes BIGINT NOT NULL DEFAULT 0;
CREATE INDEX statuses_by_quote ON statuses (quote_of_id, id) WHERE quote_of_id IS NOT NULL;

ALTER TABLE status_edits ADD COLUMN media TEXT NOT NULL DEFAULT '[]';
ALTER TABLE status_edits ADD COLUMN poll TEXT;

ALTER TABLE logins ADD COLUMN default_quote_policy BIGINT NOT NULL DEFAULT 0;

-- One choice of one voter.
CREATE TABLE poll_votes (
    status_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    choice BIGINT NOT NULL,
    PRIMARY KEY (status_id, account_id, choice)
) /* pairs */;
CREATE INDEX poll_votes_by_account ON poll_votes (account_id, status_id);

-- What an account has uploaded. state: processing, ready or failed. source is the file as it came,
-- until it is processed. A status or a scheduled one holds it, or nobody does, and then not for long.
CREATE TABLE media (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    status_id BIGINT,
    scheduled_id BIGINT,
    state TEXT NOT NULL,
    type TEXT NOT NULL,
    source TEXT,
    file TEXT,
    preview TEXT,
    description TEXT,
    focus_x DOUBLE PRECISION,
    focus_y DOUBLE PRECISION,
    meta TEXT NOT NULL DEFAULT '{}',
    blurhash TEXT,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE INDEX media_free ON media (id) WHERE status_id IS NULL AND scheduled_id IS NULL;
CREATE INDEX media_by_status ON media (status_id) WHERE status_id IS NOT NULL;
CREATE INDEX media_by_scheduled ON media (account_id, scheduled_id)
    WHERE scheduled_id IS NOT NULL;

-- What is to be said later. command is the whole order as JSON.
CREATE TABLE scheduled_statuses (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    app_id BIGINT,
    command TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) /* pairs */;
CREATE INDEX scheduled_statuses_due ON scheduled_statuses (account_id, due_ms, id);

-- What was fetched for previews, by address. content is JSON: of a page its card, of a picture
-- its measures; NULL where there is nothing to show, empty while somebody is fetching it.
CREATE TABLE cards (
    url TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    host TEXT COLLATE "C" NOT NULL,
    fetched_ms BIGINT NOT NULL,
    content TEXT,
    image TEXT
) /* pairs */;
CREATE INDEX cards_by_age ON cards (fetched_ms);
CREATE INDEX cards_by_host ON cards (host, fetched_ms);
CREATE INDEX cards_by_image ON cards (image) WHERE image IS NOT NULL;

-- Files of pictures of cards, each kept while a page or a status shows it, which is asked now and
-- then; and which statuses were given which picture.
CREATE TABLE card_images (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    checked_ms BIGINT NOT NULL
) /* pairs */;
CREATE INDEX card_images_by_check ON card_images (checked_ms);
CREATE TABLE card_uses (
    image TEXT COLLATE "C" NOT NULL,
    status_id BIGINT NOT NULL,
    PRIMARY KEY (image, status_id)
) /* pairs */;
