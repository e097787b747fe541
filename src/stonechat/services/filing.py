"""Filing: which categories a status stands in, and for whom it is.

A community's order names categories by their ids; elsewhere a hashtag that is a category's own
files a status there, unasked. Either way the ancestors come along. A newcomer gets wrong what a
hashtag may do: it never opens a category that its author may not write in, and files nothing that
is not public; then it just stays a tag.
"""

from collections.abc import Sequence

from stonechat.domain import limits
from stonechat.domain.categories import CategoryFacts
from stonechat.domain.contributions import Particulars
from stonechat.domain.ids import LabelId
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed
from stonechat.services.env import Env
from stonechat.storage import categories, labels
from stonechat.storage.database import Reader


async def choose_categories(
    env: Env, tx: Reader, viewer: Viewer, about: Particulars | None, tags: Sequence[str]
) -> list[CategoryFacts]:
    """The categories of a contribution, ancestors included; whom it is addressed to is checked."""
    if about is None:
        found = await categories.load_by_tags(tx, tags) if tags else []
        if not found:
            return []
        every = await categories.load_lineage(tx, [each.id for each in found])
        return [each for each in every if each.is_active and not each.is_staff_only]
    return await _check_categories(env, tx, viewer, about)


async def _check_categories(
    env: Env, tx: Reader, viewer: Viewer, about: Particulars
) -> list[CategoryFacts]:
    await _ensure_addressable(tx, viewer, about.addressing)
    wanted = about.category_ids
    if not wanted:
        if env.settings.community_category_required:
            raise _wrong("required", "is required")
        return []
    if len(wanted) > limits.CONTRIBUTION_CATEGORIES_MAX:
        raise _wrong(
            "max_length", f"are too many (maximum is {limits.CONTRIBUTION_CATEGORIES_MAX})"
        )
    found = await categories.load_lineage(tx, wanted)
    is_staff = viewer.role in STAFF
    open_ids = {each.id for each in found if each.is_active or is_staff}
    if not open_ids.issuperset(wanted):
        raise _wrong("does_not_exist", "do not all exist")
    if not is_staff and any(each.is_staff_only for each in found):
        raise NotAllowed("Only staff may write in this category")
    return [each for each in found if each.is_active or is_staff]


def _wrong(rule: str, words: str) -> InvalidInput:
    return InvalidInput(f"Validation failed: Categories {words}", field="categories", rule=rule)


async def _ensure_addressable(tx: Reader, viewer: Viewer, wanted: Sequence[LabelId]) -> None:
    """InvalidInput where an author addresses people by a label that is not theirs to use."""
    if not wanted:
        return
    found: set[LabelId] = set()
    if len(wanted) <= limits.CONTRIBUTION_LABELS_MAX:
        is_staff = viewer.role in STAFF
        usable = await labels.load_addressable(tx, viewer.account_id, is_staff=is_staff, ids=wanted)
        found = {each.id for each in usable}
    if not found.issuperset(wanted):
        raise InvalidInput(
            "Validation failed: Addressing names a tag that cannot be used",
            field="addressing",
            rule="does_not_exist",
        )
