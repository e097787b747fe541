"""Members: positions that are coarse, ages, and details that come back as they were kept."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.domain import limits
from stonechat.domain.members import Details, Spot, check_birthday, check_spot
from stonechat.kernel.errors import InvalidInput
from stonechat.storage.members import read_details, write_details

STEP = 10**-limits.MEMBER_PLACE_DECIMALS
TODAY = date(2026, 3, 1)
texts = st.text(max_size=20)
spots = st.builds(check_spot, st.floats(-90, 90), st.floats(-180, 180), st.just("location_lat_lng"))
# "Unspecified" is what nobody said, so it is not kept.
details = st.builds(
    Details,
    location=texts,
    home=st.none() | spots,
    position=st.none() | spots,
    born_on=st.none() | st.dates(date(1900, 1, 1), TODAY),
    description=texts,
    gender=st.sampled_from(["Male", "Female", "Unspecified"]),
    website=texts,
    company_name=texts,
    company_role=texts,
    metadata=st.dictionaries(texts, texts.filter(bool), max_size=3),
)


@settings(max_examples=50)
@given(st.floats(-90, 90) | st.floats(), st.floats(-180, 180) | st.floats())
def test_s080_a_position_is_near_and_never_exact(lat: float, lng: float) -> None:
    """S080: within half a step of what was said, on a step, and on earth; or refused."""
    if not (abs(lat) <= 90 and abs(lng) <= 180):
        with pytest.raises(InvalidInput) as caught:
            check_spot(lat, lng, "position_lat_lng")
        assert caught.value.field == "position_lat_lng"
        return
    spot = check_spot(lat, lng, "position_lat_lng")
    for kept, said in zip(spot, (lat, lng), strict=True):
        assert abs(kept - said) <= STEP / 2 + 1e-9
        assert kept == round(kept, limits.MEMBER_PLACE_DECIMALS)
        assert str(kept) != "-0.0"


@settings(max_examples=50)
@given(details)
def test_details_come_back_as_they_were_kept(kept: Details) -> None:
    """Nothing is lost in the column, and what says nothing takes no room there."""
    assert read_details(write_details(kept)) == kept
    assert write_details(Details()) == "{}"
    assert write_details(Details(home=Spot(0.0, 0.0))) == '{"home":[0.0,0.0]}'


@pytest.mark.parametrize("text", ["1899-12-31", "2026-03-02", "2025-02-29", "1990-1-1", "x"])
def test_days_on_which_nobody_was_born(text: str) -> None:
    """Days that are none, that are to come, or that nobody remembers."""
    with pytest.raises(InvalidInput):
        check_birthday(text, TODAY)
    assert check_birthday("2024-02-29", TODAY) == date(2024, 2, 29)
