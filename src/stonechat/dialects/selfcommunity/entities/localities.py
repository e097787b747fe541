"""Locality: a place that was named before. What is not known of one is an empty text."""

import msgspec

from stonechat.domain.places import KnownPlace


class Locality(msgspec.Struct, frozen=True):
    """The vendor's Locality. Its interface makes a `location` of the address and the spot."""

    full_address: str
    postal_code: str
    town: str
    province: str
    province_short: str
    region: str
    country: str
    lat: float
    lng: float


def present_locality(place: KnownPlace) -> Locality:
    """A place on the wire: nobody told us its parts, so we make none up."""
    return Locality(place.name, "", "", "", "", "", "", place.lat, place.lng)
