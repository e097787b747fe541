"""Walks: the frame that all lists of contributions share, in SQL.

A walk is a text that gives `id` and `place`, the number that it is ordered by, of contributions
`p`. `page_of` makes a statement of it: the rows of one page for glances, and
how many there are, up to a bound. What the viewer may not see or does not want to see is left out
within the walk. A walk along several indexes is a union of walks, each with a LIMIT of its own
(`HORIZON`): one walk for all of them would sort everything that was ever said.

Whom and what the viewer hides is found once in a statement, however many walks ask for it. Every
walk begins with the same six parameters (`Walker.values`); its own begin with `$7`.

A newcomer gets wrong how long a text may be: one of more than 16 kB SQLite would compile each time.
"""

from operator import itemgetter
from typing import Final, LiteralString, NamedTuple, cast

from stonechat.domain import limits
from stonechat.domain.feeds import Span
from stonechat.domain.ids import AccountId
from stonechat.storage.database import Database, Row
from stonechat.storage.glances import BOOST_JOIN, ROW_COLUMNS, GlanceRow
from stonechat.storage.visibility import HIDING_STATES, addressed, hidden_accounts

SLOW_OFFSET: Final = 200
"""From here on a page is read where it holds nobody up."""

LIVELY_MS: Final[LiteralString] = "COALESCE(p.activity_ms, p.id / 4096 + 1262304000000)"
"""When something happened to `p` last, in ms since 1970 (kernel/ids.py)."""
_WITH: Final = (
    "WITH shunned (id) AS (" + hidden_accounts("$1", "$2") + "), hidden (id) AS ("
    "SELECT fs.status_id FROM filters fl JOIN filter_statuses fs ON fs.account_id = fl.account_id"
    " AND fs.filter_id = fl.id WHERE fl.account_id = $1 AND fl.action = 'hide'"
    " AND (fl.expires_ms IS NULL OR fl.expires_ms > $2)) "
)
SHUNNED: Final[LiteralString] = "(SELECT id FROM shunned)"
"""Whom the viewer blocks or mutes, and who blocks the viewer."""
HIDDEN: Final[LiteralString] = "(SELECT id FROM hidden)"
"""Which contributions the viewer hid."""
UNVEILED: Final = (
    " AND p.deleted_ms IS NULL AND (p.is_collapsed = 0 OR p.account_id = $1 OR $3 = 1)"
    # No join: SQLite would read all accounts first, to know which ones it need not look for.
    " AND (SELECT a.state FROM accounts a WHERE a.id = p.account_id) NOT IN " + HIDING_STATES
)
"""What is there, of authors who are, and is not hidden by moderators from the viewer."""
WANTED: Final = UNVEILED + " AND p.account_id NOT IN " + SHUNNED + " AND p.id NOT IN " + HIDDEN
"""The same, of nobody whom the viewer does not meet, and nothing that they hid."""

FOR_VIEWER: Final = (
    " AND (p.visibility <= 1 OR p.account_id = $1 OR (p.visibility <> 4 AND EXISTS (SELECT 1"
    " FROM status_mentions m WHERE m.status_id = p.id AND m.account_id = $1))"
    " OR (p.visibility = 2 AND EXISTS (SELECT 1 FROM followings f WHERE f.account_id = $1"
    " AND f.target_id = p.account_id)) OR (p.visibility = 4 AND "
    "" + addressed("$1", "p.thread_id") + "))"
)
"""Who is meant by what is not for everybody (storage/visibility.py); blocks are asked for apart."""


class Walker(NamedTuple):
    """For whom a page is read, and when."""

    viewer_id: AccountId
    is_staff: bool
    now_ms: int

    @property
    def whom(self) -> tuple[int, int, int]:
        """The first three parameters of every walk: what its conditions ask for."""
        return (self.viewer_id, self.now_ms, int(self.is_staff))

    def values(self, span: Span) -> tuple[int, ...]:
        """The first six parameters of every walk; of a page one row more is read than it shows."""
        reach = span.limit + 1
        horizon = span.offset + reach
        return (*self.whom, reach, span.offset, horizon)


class Walked(NamedTuple):
    """The rows of a page, how many the list has up to a bound, and whether more follow."""

    rows: list[GlanceRow]
    total: int
    has_more: bool


def bounded(walk: LiteralString, order: LiteralString) -> LiteralString:
    """One walk of a union: no more of it than the page can need."""
    return "SELECT id, place FROM (" + walk + " ORDER BY " + order + " LIMIT HORIZON) w"


def page_of(
    walk: LiteralString, *, counts: LiteralString = "", is_rising: bool = False
) -> LiteralString:
    """The statement of a page of a walk; `counts` finds as many as it in a shorter way."""
    order: LiteralString = (
        " ORDER BY place, id LIMIT $4 OFFSET $5"
        if is_rising
        else " ORDER BY place DESC, id DESC LIMIT $4 OFFSET $5"
    )
    counted = (counts or walk).replace("HORIZON", _COUNTED)
    return (
        _WITH + "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM (" + counted + ") c"
        " LIMIT " + _COUNTED + ") n), e.place, " + ROW_COLUMNS + " FROM (SELECT 1 AS one) request"
        " LEFT JOIN (SELECT id, place FROM (" + walk.replace("HORIZON", "$6") + ") u"
        "" + order + ") e ON 1 = 1 LEFT JOIN statuses s ON s.id = e.id" + BOOST_JOIN
    )


def asking(question: LiteralString) -> LiteralString:
    """A statement that asks something else with the conditions of a walk."""
    return _WITH + question


def literal(number: int) -> LiteralString:
    """A number of ours as it stands in a statement."""
    return cast("LiteralString", str(number))


_COUNTED: Final = literal(limits.FEED_COUNTED_MAX)


def read_page(rows: list[Row], span: Span, *, is_rising: bool = False) -> Walked:
    """What a statement of `page_of` gave, in its order; a join keeps none by itself."""
    count: int = rows[0][0]
    if rows[0][2] is None:
        return Walked([], count, has_more=False)
    rows.sort(key=_place, reverse=not is_rising)
    found = [GlanceRow._make(row[2:]) for row in rows[: span.limit]]
    return Walked(found, count, len(rows) > span.limit)


_place: Final = itemgetter(1, 2)


async def walk(
    db: Database,
    sql: LiteralString,
    walker: Walker,
    span: Span,
    *subjects: object,
    is_rising: bool = False,
    is_slow: bool = False,
) -> Walked:
    """A page of a walk."""
    read = db.all_slow if is_slow or span.offset >= SLOW_OFFSET else db.all
    rows = await read(sql, *walker.values(span), *subjects)
    return read_page(rows, span, is_rising=is_rising)
