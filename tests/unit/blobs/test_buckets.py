"""The line of the settings that names a bucket: what is taken, and what is said of the rest."""

import pytest

from stonechat.blobs.buckets import Bucket, read_bucket
from stonechat.kernel.errors import InvalidInput

HTTPS = "https://s3.example.org"


@pytest.mark.parametrize(
    ("url", "bucket"),
    [
        (f"s3://town?endpoint={HTTPS}", Bucket("town", "", HTTPS, "us-east-1")),
        (f"s3://town/?endpoint={HTTPS}/", Bucket("town", "", HTTPS, "us-east-1")),
        (
            f"s3://our.town-1/a/B_c/d.e?endpoint={HTTPS}:9000&region=eu-central-1",
            Bucket("our.town-1", "a/B_c/d.e", f"{HTTPS}:9000", "eu-central-1"),
        ),
        (
            "s3://town/x?region=eu-west-1",
            Bucket("town", "x", "https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ),
        (
            "s3://town?endpoint=https%3A%2F%2Fs3.example.org&region=auto",
            Bucket("town", "", HTTPS, "auto"),
        ),
    ],
)
def test_a_bucket_is_read_as_it_is_meant(url: str, bucket: Bucket) -> None:
    assert read_bucket(url) == bucket
    assert not bucket.is_plain_http


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:9000",
        "[::1]:9000",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.5",
        "[fd00::5]",
        "localhost:9000",
        "minio:9000",
    ],
)
def test_plain_http_is_taken_nearby(host: str) -> None:
    bucket = read_bucket(f"s3://town?endpoint=http://{host}")
    assert (bucket.endpoint, bucket.is_plain_http) == (f"http://{host}", True)


@pytest.mark.parametrize(
    "host",
    [
        "s3.example.org",
        "8.8.8.8",
        "172.32.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[2001:db8::1]",
        "127.0.0.1.example.org",
    ],
)
def test_plain_http_is_refused_elsewhere(host: str) -> None:
    assert read_bucket(f"s3://town?endpoint=https://{host}").endpoint == f"https://{host}"
    with pytest.raises(InvalidInput, match="its endpoint must be https"):
        read_bucket(f"s3://town?endpoint=http://{host}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("town", "no address of a bucket"),
        ("/srv/media", "no address of a bucket"),
        (f"https://town?endpoint={HTTPS}", "no address of a bucket"),
        (f"s3://town?endpoint={HTTPS}#part", "no address of a bucket"),
        (f"s3://töwn?endpoint={HTTPS}", "no address of a bucket"),
        (f"s3://to\nwn?endpoint={HTTPS}", "no address of a bucket"),
        ("s3://[town", "it is no address"),
        ("s3://town?endpoint", "it is no address"),
        (f"s3://key:hush@town?endpoint={HTTPS}", "keys are settings of their own"),
        (f"s3://?endpoint={HTTPS}", "a bucket's name has 3 to 63"),
        (f"s3://ab?endpoint={HTTPS}", "a bucket's name has 3 to 63"),
        (f"s3://{'a' * 64}?endpoint={HTTPS}", "a bucket's name has 3 to 63"),
        (f"s3://Town?endpoint={HTTPS}", "a bucket's name has 3 to 63"),
        (f"s3://town:80?endpoint={HTTPS}", "a bucket's name has 3 to 63"),
        (f"s3://town/a/../b?endpoint={HTTPS}", "a prefix is made of"),
        (f"s3://town/a//b?endpoint={HTTPS}", "a prefix is made of"),
        (f"s3://town/.?endpoint={HTTPS}", "a prefix is made of"),
        (f"s3://town/a%2fb?endpoint={HTTPS}", "a prefix is made of"),
        (f"s3://town/{'a' * 201}?endpoint={HTTPS}", "a prefix is made of"),
        ("s3://town", "neither an endpoint nor a region"),
        ("s3://town/prefix", "neither an endpoint nor a region"),
        (f"s3://town?endpoint={HTTPS}&secret=hush", "`endpoint` and `region` alone"),
        (f"s3://town?endpoint={HTTPS}&endpoint={HTTPS}", "once each"),
        ("s3://town?region=", "a region is a word"),
        ("s3://town?region=eu.evil.example/", "a region is a word"),
        ("s3://town?endpoint=", "its endpoint is the address of a server"),
        ("s3://town?endpoint=s3.example.org", "its endpoint is the address of a server"),
        ("s3://town?endpoint=https://s3.example.org/path", "its endpoint is the address"),
        ("s3://town?endpoint=https://me:hush@s3.example.org", "its endpoint is the address"),
        ("s3://town?endpoint=https://s3.example.org:0", "its endpoint is the address"),
        ("s3://town?endpoint=https://s3.example.org:x", "its endpoint is no address"),
        ("s3://town?endpoint=https://[s3", "its endpoint is no address"),
        ("s3://town?endpoint=file://s3.example.org", "its endpoint must be https"),
    ],
)
def test_what_names_no_bucket_is_refused_with_what_to_write(url: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_bucket(url)
    assert reason in refused.value.message
    assert "Write s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION" in refused.value.message
    assert "hush" not in refused.value.message
