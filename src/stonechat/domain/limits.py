"""Every bound of the product, by name.

Routes, services and `/api/v2/instance` read the same constants, so what the server announces
is what it enforces. Sizes are in the unit that the name ends with.
"""

from typing import Final

# Statuses
STATUS_CHARACTERS_MAX: Final = 500
STATUS_TEXT_BYTES_MAX: Final = 64 * 1024
URL_CHARACTERS_RESERVED: Final = 23
STATUS_MEDIA_MAX: Final = 4
CONTRIBUTION_CHARACTERS_MAX: Final = 20_000
CONTRIBUTION_MEDIA_MAX: Final = 20
CONTRIBUTION_CATEGORIES_MAX: Final = 20
CONTRIBUTION_LABELS_MAX: Final = 50
TITLE_CHARACTERS_MAX: Final = 160
ACTION_CHARACTERS_MAX: Final = 255
STATUSES_BY_ID_MAX: Final = 20
PINNED_STATUSES_MAX: Final = 5
MENTIONS_PER_STATUS_MAX: Final = 50
TAGS_PER_STATUS_MAX: Final = 50
IDEMPOTENCY_KEY_CHARACTERS_MAX: Final = 255
IDEMPOTENCY_HOURS: Final = 24
DELETED_STATUS_DAYS: Final = 30
EDITS_PER_STATUS_MAX: Final = 500

# Jobs
GIVEN_UP_JOB_DAYS: Final = 30

# Threads
CONTEXT_ANCESTORS_MAX: Final = 4096
CONTEXT_DESCENDANTS_MAX: Final = 4096
THREAD_ROWS_MAX: Final = 16_384
CONTEXT_DEPTH_MAX: Final = 4096
CONTEXT_ANCESTORS_ANONYMOUS_MAX: Final = 40
CONTEXT_DESCENDANTS_ANONYMOUS_MAX: Final = 60
CONTEXT_DEPTH_ANONYMOUS_MAX: Final = 20

# Accounts
USERNAME_CHARACTERS_MAX: Final = 30
DISPLAY_NAME_CHARACTERS_MAX: Final = 30
NOTE_CHARACTERS_MAX: Final = 500
PROFILE_FIELDS_MAX: Final = 4
PROFILE_FIELD_CHARACTERS_MAX: Final = 255
PASSWORD_CHARACTERS_MIN: Final = 8
PASSWORD_CHARACTERS_MAX: Final = 256
EMAIL_CHARACTERS_MAX: Final = 254
REASON_CHARACTERS_MAX: Final = 500
ACCOUNT_NOTE_CHARACTERS_MAX: Final = 2000
FOLLOWINGS_MAX: Final = 7500
DOMAIN_BLOCKS_MAX: Final = 1000
PICTURE_BYTES_MAX: Final = 8 * 1024 * 1024
PICTURE_PIXELS_MAX: Final = 33_177_600
ACCOUNTS_BY_ID_MAX: Final = 40
RELATIONSHIPS_MAX: Final = 100

# Members: what an account tells in a community
MEMBER_LOCATION_CHARACTERS_MAX: Final = 100
MEMBER_DESCRIPTION_CHARACTERS_MAX: Final = 50
MEMBER_WEBSITE_CHARACTERS_MAX: Final = 200
MEMBER_COMPANY_CHARACTERS_MAX: Final = 100
MEMBER_METADATA_MAX: Final = 20
MEMBER_METADATA_CHARACTERS_MAX: Final = 500
MEMBER_AVATARS_MAX: Final = 20
MEMBER_PREFERENCES_MAX: Final = 100
MEMBER_PREFERENCE_KEY_CHARACTERS_MAX: Final = 100
MEMBER_PREFERENCE_BYTES_MAX: Final = 4096
MEMBERS_MATCHED_MAX: Final = 100
MEMBER_STATUSES_MAX: Final = 100
MEMBER_PLACE_DECIMALS: Final = 2
"""Of a degree: about a kilometre. Nobody's position is kept more exactly."""
MEMBERS_CONSIDERED_MAX: Final = 500
"""Candidates that a search for members looks at."""
MEMBERS_COUNTED_MAX: Final = 1000
"""Lists of members say no higher number than this."""
HIDDEN_MEMBERS_MAX: Final = 1000
MEMBER_NAME_SEARCHED_CHARACTERS_MAX: Final = 255

# Apps
APP_NAME_CHARACTERS_MAX: Final = 60
APP_WEBSITE_CHARACTERS_MAX: Final = 2000
REDIRECT_URI_CHARACTERS_MAX: Final = 2000
REDIRECT_URIS_MAX: Final = 20
SCOPES_CHARACTERS_MAX: Final = 2000
STATE_CHARACTERS_MAX: Final = 8192
CODE_SECONDS: Final = 600
SESSION_DAYS: Final = 30
TOKEN_CHARACTERS_MAX: Final = 2048
"""Of a bearer token. Ours have 43; those that a community's back end signs have some hundreds."""
TOKEN_SECONDS: Final = 36_000
"""How long a token is good that comes with another one to renew it."""
REFRESH_TOKEN_DAYS: Final = 30
REFRESH_RETRY_SECONDS: Final = 60
"""Within it, who renews a token again gets the same answer: the first one may have been lost."""
COMMUNITY_JWT_DAYS_MAX: Final = 30
COMMUNITY_JWT_SKEW_SECONDS: Final = 60
"""So far ahead of ours may the clock be that signs assertions."""
COMMUNITY_JWT_SECRET_CHARACTERS_MIN: Final = 32
COMMUNITY_PASSWORD_CHARACTERS_MAX: Final = 128
EMAIL_CODE_HOURS: Final = 24
"""How long the code is good that confirms another e-mail address."""

# Timelines
HOME_ENTRIES_MAX: Final = 800
FEED_READS_MAX: Final = 5000
"""What an account has seen is known of its newest, and of all that stands in its home."""
HOME_BACKFILL_STATUSES: Final = 40
FANOUT_IN_TRANSACTION_FOLLOWERS_MAX: Final = 1000
TAG_CHARACTERS_MAX: Final = 100
TAGS_PER_TIMELINE_MAX: Final = 4

# Pages: the default and the most that a caller may ask for
STATUSES_PAGE: Final = (20, 40)
ACCOUNTS_PAGE: Final = (40, 80)
NOTIFICATIONS_PAGE: Final = (40, 80)
TAGS_PAGE: Final = (100, 200)
TRENDS_PAGE: Final = (10, 20)
UNREAD_COUNT: Final = (100, 1000)

# Lists, filters, tags
LISTS_MAX: Final = 50
LIST_TITLE_CHARACTERS_MAX: Final = 256
LIST_MEMBERS_MAX: Final = 1000
FILTERS_MAX: Final = 100
FILTER_TITLE_CHARACTERS_MAX: Final = 256
FILTER_KEYWORD_CHARACTERS_MAX: Final = 512
FILTER_KEYWORDS_MAX: Final = 100
FILTER_STATUSES_MAX: Final = 100
FILTER_ITEMS_PER_ACCOUNT_MAX: Final = 1000
FILTER_SECONDS_MAX: Final = 100 * 365 * 86_400
FEATURED_TAGS_MAX: Final = 10
FOLLOWED_TAGS_MAX: Final = 1000
SEARCH_CHARACTERS_MAX: Final = 1000

# Media
MEDIA_DESCRIPTION_CHARACTERS_MAX: Final = 1500
MEDIA_DESCRIPTION_BYTES_MAX: Final = 32 * 1024
MEDIA_IMAGE_BYTES_MAX: Final = 16 * 1024 * 1024
MEDIA_FILM_BYTES_MAX: Final = 99 * 1024 * 1024
MEDIA_FREE_PER_ACCOUNT_MAX: Final = 200
MEDIA_FREE_HOURS: Final = 24

# Media: how large a file may be inside
MEDIA_IMAGE_PIXELS_MAX: Final = 33_177_600
MEDIA_GIF_PIXELS_MAX: Final = 921_600
MEDIA_VIDEO_PIXELS_MAX: Final = 8_294_400
MEDIA_FRAMES_PER_SECOND_MAX: Final = 120
MEDIA_ANIMATION_FRAMES_MAX: Final = 3000
MEDIA_ANIMATION_PIXELS_MAX: Final = 1_000_000_000
"""Of all frames of a moving picture together; so many are encoded in half a minute."""
MEDIA_FILM_SECONDS_MAX: Final = 2 * 3600
MEDIA_CONVERTED_PIXELS_MAX: Final = 40_000_000_000
"""Of all frames of a video that has to be converted: ten minutes of 1080p at 30 a second."""

# Media: what is made of it, and what making it may cost
MEDIA_STORED_IMAGE_PIXELS_MAX: Final = 8_294_400
MEDIA_STORED_IMAGE_BYTES_MAX: Final = 40 * 1024 * 1024
MEDIA_STORED_FILM_BYTES_MAX: Final = 120 * 1024 * 1024
MEDIA_PREVIEW_PIXELS_MAX: Final = 230_400
MEDIA_CONVERTED_FRAME_PIXELS_MAX: Final = 2_073_600
"""A video that has to be converted gets no larger frames; one that fits keeps its own."""
MEDIA_IMAGE_CPU_SECONDS_MAX: Final = 8
MEDIA_IMAGE_WALL_SECONDS_MAX: Final = 10
MEDIA_IMAGE_MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
MEDIA_FILM_CPU_SECONDS_MAX: Final = 1800
MEDIA_FILM_WALL_SECONDS_MAX: Final = 900
MEDIA_FILM_MEMORY_BYTES_MAX: Final = 2 * 1024 * 1024 * 1024

# Community media: what leads somewhere, and files that come in pieces
CONTRIBUTION_SHARES_MAX: Final = 1
COMMUNITY_IMAGE_BYTES_MAX: Final = 5 * 1024 * 1024
COMMUNITY_DOCUMENT_BYTES_MAX: Final = 50 * 1024 * 1024
COMMUNITY_FETCH_SECONDS_MAX: Final = 4.0
"""Clients of communities give up after ten seconds: a picture is processed after that, too."""
COMMUNITY_PREVIEW_SECONDS_MAX: Final = 7.0
COMMUNITY_WAIT_SECONDS_MAX: Final = 8.0
UPLOAD_CHUNK_BYTES_MAX: Final = 204_800
UPLOAD_HOURS: Final = 6
UPLOADS_PER_ACCOUNT_MAX: Final = 20
UPLOADED_BYTES_PER_ACCOUNT_MAX: Final = 100 * 1024 * 1024
"""Announced by all uploads of an account that are not complete yet."""
UPLOAD_NAME_CHARACTERS_MAX: Final = 255
EMBED_TYPE_CHARACTERS_MAX: Final = 64
EMBED_ID_CHARACTERS_MAX: Final = 200
EMBED_METADATA_BYTES_MAX: Final = 16 * 1024

# Polls
POLL_OPTIONS_MIN: Final = 2
POLL_OPTIONS_MAX: Final = 4
POLL_OPTION_CHARACTERS_MAX: Final = 50
POLL_OPTION_BYTES_MAX: Final = 2048
COMMUNITY_POLL_OPTIONS_MAX: Final = 20
COMMUNITY_POLL_OPTION_CHARACTERS_MAX: Final = 255
POLL_TITLE_CHARACTERS_MAX: Final = 160
POLL_VOTES_COUNTED_MAX: Final = 1000
POLL_SECONDS_MIN: Final = 300
POLL_SECONDS_MAX: Final = 2_629_746

# Scheduled statuses; how many there may be is a setting
SCHEDULED_SECONDS_AHEAD_MIN: Final = 300
SCHEDULED_AT_CHARACTERS_MAX: Final = 64

# Link cards: what is shown of a page
CARD_URL_CHARACTERS_MAX: Final = 2000
"""Longer ones get no card: an index of PostgreSQL holds no more."""
CARD_TITLE_CHARACTERS_MAX: Final = 300
CARD_DESCRIPTION_CHARACTERS_MAX: Final = 1000
CARD_NAME_CHARACTERS_MAX: Final = 200
CARD_IMAGE_DESCRIPTION_CHARACTERS_MAX: Final = 1500

# Link cards: what fetching one may cost, us and others
CARD_SECONDS_MAX: Final = 10.0
CARD_PICTURE_SECONDS_MAX: Final = 15.0
"""To make our own of a picture, once it is here."""
CARD_PAGE_BYTES_MAX: Final = 1024 * 1024
CARD_IMAGE_BYTES_MAX: Final = 2 * 1024 * 1024
CARD_DAYS: Final = 14
CARD_FAILURE_HOURS: Final = 24
"""An address is fetched once a day at most, so this is no shorter."""
CARD_CLAIM_SECONDS: Final = 60
CARD_FETCHES_PER_HOST_AND_HOUR_MAX: Final = 300
CARD_WAITS_MAX: Final = 10

# Beacons
BEACON_NAME_GRAPHEMES_MIN: Final = 3
BEACON_NAME_GRAPHEMES_MAX: Final = 42
BEACON_NAME_CODE_POINTS_MAX: Final = 210
BEACON_VALUE_GRAPHEMES_MIN: Final = 1
BEACON_VALUE_GRAPHEMES_MAX: Final = 10
BEACON_VALUE_CODE_POINTS_MAX: Final = 64
BEACON_DESCRIPTION_GRAPHEMES_MAX: Final = 400
BEACON_DESCRIPTION_CODE_POINTS_MAX: Final = 2000
BEACON_COLORS: Final = 12
BEACON_KEY_CHARACTERS_MAX: Final = 128
BEACON_PRESETS_MAX: Final = 12
BEACON_STALE_SECONDS_MIN: Final = 60
BEACON_STALE_SECONDS_MAX: Final = 366 * 86_400
BEACON_ROLES_MAX: Final = 100_000
BEACON_ROLES_PER_ACCOUNT_MAX: Final = 1000
"""On beacons of others; all of them are listed at once, behind one's own."""
BEACON_FILTERS_MAX: Final = 20
"""Of one subscriber to one beacon."""
BEACON_LINKS_MAX: Final = 20
BEACON_LINK_DAYS_MAX: Final = 3660
BEACON_LABEL_CHARACTERS_MAX: Final = 60
BEACON_TOKENS_MAX: Final = 20
BEACON_WEBHOOKS_MAX: Final = 10
BEACONS_PER_ACCOUNT_MAX: Final = 10_000
"""Where the plan says nothing less; all of them are listed at once."""
BEACONS_PAGE: Final = (200, BEACONS_PER_ACCOUNT_MAX)
BEACON_USERS_PAGE: Final = (100, 1000)
BEACON_CHANGES_PAGE: Final = (20, 200)
BEACON_NOTICES_PAGE: Final = (20, 100)
BEACON_NOTICE_DAYS: Final = 90
BEACON_NOTICES_MAX: Final = 1000
"""Of one account; the clean-up takes the older ones away."""
BEACON_NOTICES_IN_TRANSACTION_MAX: Final = 1000
"""A beacon with more subscribers tells them by a job."""
BOARDS_MAX: Final = 50
BOARD_BEACONS_MAX: Final = 50

# Categories
CATEGORIES_MAX: Final = 500
"""All of them are listed at once, because the vendor's client follows no page of them."""
CATEGORY_DEPTH_MAX: Final = 8
CATEGORY_PARENTS_MAX: Final = 10
CATEGORY_LABELS_MAX: Final = 50
CATEGORY_NAME_CHARACTERS_MAX: Final = 128
CATEGORY_SLUG_CHARACTERS_MAX: Final = 128
CATEGORY_SYNONYMS_CHARACTERS_MAX: Final = 2000
CATEGORY_SLOGAN_CHARACTERS_MAX: Final = 255
CATEGORY_INFO_CHARACTERS_MAX: Final = 20_000
CATEGORY_SEO_TITLE_CHARACTERS_MAX: Final = 255
CATEGORY_SEO_DESCRIPTION_CHARACTERS_MAX: Final = 1000
CATEGORY_PLACE_MAX: Final = 1_000_000
CATEGORY_IMAGE_POSITION_MAX: Final = 100
CATEGORY_TREND_DAYS: Final = (90, 366)
CATEGORY_TREND_ENTRIES_MAX: Final = 5000
"""Of a category's newest, for finding its liveliest followers."""
CATEGORY_TREND_FOLLOWERS_MAX: Final = 500
ACCOUNTS_JOINED_AT_ONCE: Final = 500
"""So many accounts come to follow a forced category in one transaction."""

# Feeds
FEED_COUNTED_MAX: Final = 50
"""So many contributions of a list are counted; a list that is longer says so many."""
FEED_WINDOW: Final = 400
"""Of a home's newest entries: by last activity, and what is not seen yet, it shows no others."""
ADDRESSED_LOOKED_AT: Final = 1000
"""Of the newest that are not for everybody, on a rack or in a category."""
FEED_TREND_DAYS: Final = 30
FEED_READS_AT_ONCE: Final = 100
FEED_LIKES_AT_ONCE: Final = 20
FEED_ALIKE_BY_MAX: Final = 5
"""By so many categories, and as many hashtags, something is found that is like something else."""
FEED_ALIKE_LOOKED_AT: Final = 60
"""In each of them."""
FEED_EMBEDS_MAX: Final = 80
"""So many embeds one list of their uses is made of."""
FEED_SEARCH_WINDOW: Final = 5000
"""The newest of a kind, in which words are looked for."""
FEED_FOUND_MAX: Final = 400
FEED_SEARCH_CHARACTERS_MAX: Final = 200
FEED_POLLS_LOOKED_AT: Final = 200
PARTICIPANTS_MAX: Final = 1000

# Labels
LABELS_MAX: Final = 2000
"""Deleted ones included: they stay, because threads may be addressed to them."""
LABELS_PER_CARRIER_MAX: Final = 100
LABEL_NAME_CHARACTERS_MAX: Final = 64
LABEL_DESCRIPTION_CHARACTERS_MAX: Final = 500
LABEL_COLOR_CHARACTERS_MAX: Final = 7
LABEL_TOUCHED_AT_ONCE: Final = 500
"""So many of those that carry a label get a new version with the label, the rest by a job."""

# Flags and moderation
FLAGS_PER_DAY_MAX: Final = 100
"""Of one account, as far as it did not take them back."""
FLAGGED_COUNTED_MAX: Final = 1000
FLAGGED_CONSIDERED_MAX: Final = 1000
"""So many of what was flagged are looked at for words in it."""
MODERATION_SEARCH_CHARACTERS_MAX: Final = 200
BAN_DAYS_MAX: Final = 3660

# Keys of programs
KEYS_PER_ACCOUNT_MAX: Final = 50
KEY_DAYS_MAX: Final = 3660

# Webhooks
WEBHOOK_URL_CHARACTERS_MAX: Final = 2000
WEBHOOK_SECONDS_MAX: Final = 10.0
WEBHOOK_TRYING_HOURS: Final = 24
WEBHOOK_LOG_DAYS: Final = 30
WEBHOOK_WAITING_MAX: Final = 10_000
"""Deliveries that may wait for one receiver; beyond that it is disabled."""

# Live pages
LISTENERS_MAX: Final = 20_000
LISTENERS_PER_NETWORK_MAX: Final = 300
