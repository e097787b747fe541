"""Films and songs through the workshop: copied where they fit, converted where not."""

import io
from typing import Any

import av
import pytest

from stonechat.blobs import formats
from tests import films, pictures
from tests.unit.blobs.conftest import Bench

VIDEOS: dict[str, dict[str, Any]] = {
    "mp4 of h264": {"kind": "mp4"},
    "mov of h264": {"kind": "mov"},
    "mkv of h264": {"kind": "matroska"},
    "mp4 of hevc": {"kind": "mp4", "video": "libx265"},
    "mp4 of av1": {"kind": "mp4", "video": "libsvtav1"},
    "mp4 of mpeg4": {"kind": "mp4", "video": "mpeg4"},
    "3gp": {"kind": "3gp", "video": "mpeg4"},
    "webm of vp8": {"kind": "webm", "video": "libvpx", "sound": "libopus"},
    "webm of vp9": {"kind": "webm", "video": "libvpx-vp9", "sound": "libopus"},
    "mov of prores": {
        "kind": "mov",
        "video": "prores_ks",
        "sound": "pcm_s16le",
        "pixels": "yuv422p10le",
    },
    "mov of mjpeg": {"kind": "mov", "video": "mjpeg", "pixels": "yuvj420p"},
    "h264 in colours that few players know": {"kind": "mp4", "pixels": "yuv444p"},
    "mkv with mp3": {"kind": "matroska", "sound": "libmp3lame"},
    "from ten seconds on": {"kind": "matroska", "starts": 240},
    "from ten seconds on, to be converted": {
        "kind": "webm",
        "video": "libvpx",
        "sound": "libopus",
        "starts": 240,
    },
}


@pytest.mark.parametrize("name", VIDEOS)
async def test_a_video_of_each_kind(bench: Bench, name: str) -> None:
    """ME5, ME9: whatever it was, it is an MP4 of H.264 and AAC that begins with its contents."""
    result = await bench.make(films.film(**VIDEOS[name]))
    made, file, preview = result
    assert (made.type, made.file.suffix) == ("video", ".mp4")
    assert films.tracks_of(file) == {"video": "h264", "audio": "aac"}
    assert 0.45 < films.seconds_of(file) < 0.56
    assert file.find(b"moov") < file.find(b"mdat"), "a player need not read to the end first"
    shown = films.frames_of(file)
    assert len(shown) == 12
    assert pictures.is_red(shown[0], 60, 40)
    assert not pictures.is_red(shown[0], 4, 4)
    assert pictures.opened(preview).size == shown[0].size == (64, 48)
    original = result.original
    assert (original["width"], original["height"], original["frame_rate"]) == (64, 48, "24/1")
    assert 0.45 < float(str(original["duration"])) < 0.56
    assert made.meta["audio_encode"] == "aac"
    assert (made.meta["audio_bitrate"], made.meta["audio_channels"]) == ("48000 Hz", "stereo")
    assert made.meta["small"] == {"width": 64, "height": 48, "size": "64x48", "aspect": 4 / 3}
    assert str(made.meta["length"]).startswith("0:00:00.")
    assert made.blurhash is not None


async def test_what_fits_is_copied_and_not_converted(bench: Bench) -> None:
    content = films.film("mov")
    with av.open(io.BytesIO(content), "r") as old:
        packets = [bytes(each) for each in old.demux(video=0) if each.size]
    _, file, _ = await bench.make(content)
    with av.open(io.BytesIO(file), "r") as new:
        kept = [bytes(each) for each in new.demux(video=0) if each.size]
    # The first one began with a note of the encoder's about itself.
    assert kept[1:] == packets[1:]
    assert packets[0].endswith(kept[0])
    assert b"x264" not in kept[0]


@pytest.mark.parametrize(
    ("kind", "video", "word"), [("webm", "libvpx-vp9", "gifv"), ("mp4", "libx264", "video")]
)
async def test_a_silent_film(bench: Bench, kind: str, video: str, word: str) -> None:
    """ME5: a webm without sound is a gifv, and an mp4 is a video."""
    result = await bench.make(films.film(kind, video=video, sound=None))
    assert (result.made.type, result.made.file.suffix) == (word, ".mp4")
    assert films.tracks_of(result.file) == {"video": "h264"}
    assert not [each for each in result.made.meta if each.startswith("audio")]


SONGS: dict[str, tuple[str, str, str]] = {
    "mp3": ("mp3", "libmp3lame", "mp3"),
    "ogg of opus": ("ogg", "libopus", "mp3"),
    "ogg of vorbis": ("ogg", "vorbis", "mp3"),
    "flac": ("flac", "flac", "mp3"),
    "wav": ("wav", "pcm_s16le", "mp3"),
    "webm of opus": ("webm", "libopus", "mp3"),
    "m4a of alac": ("ipod", "alac", "mp3"),
    "m4a of aac": ("ipod", "aac", "m4a"),
    "bare aac": ("adts", "aac", "m4a"),
    "mp4 of aac": ("mp4", "aac", "m4a"),
}


@pytest.mark.parametrize("name", SONGS)
async def test_a_song_of_each_kind(bench: Bench, name: str) -> None:
    """ME5: mp3, ogg and the rest are audio, and have no picture unless they bring one."""
    kind, codec, suffix = SONGS[name]
    result = await bench.make(films.song(kind, codec))
    made, file, _ = result
    assert (made.type, made.file.suffix, made.preview, made.blurhash) == (
        "audio",
        f".{suffix}",
        None,
        None,
    )
    assert films.tracks_of(file) == {"audio": {"mp3": "mp3float", "m4a": "aac"}[suffix]}
    assert 0.45 < films.seconds_of(file) < 0.56
    assert set(result.original) == {"duration", "bitrate"}
    assert made.meta["audio_encode"] == {"mp3": "mp3", "m4a": "aac"}[suffix]
    assert "small" not in made.meta
    assert formats.CONTENT_TYPES[suffix].startswith("audio/")


@pytest.mark.parametrize(
    ("hertz", "channels", "heard"),
    [
        (96_000, "stereo", ("48000 Hz", "stereo")),
        (8_000, "mono", ("48000 Hz", "mono")),
        (44_100, "5.1", ("44100 Hz", "stereo")),
        (22_050, "mono", ("22050 Hz", "mono")),
    ],
)
async def test_sound_that_few_players_know(
    bench: Bench, hertz: int, channels: str, heard: tuple[str, str]
) -> None:
    made, file, _ = await bench.make(films.song("flac", "flac", hertz=hertz, channels=channels))
    assert (made.meta["audio_bitrate"], made.meta["audio_channels"]) == heard
    with av.open(io.BytesIO(file), "r") as song:
        assert f"{song.streams.audio[0].codec_context.sample_rate} Hz" == heard[0]
        assert song.streams.audio[0].codec_context.layout.name == heard[1]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_the_cover_of_a_song_is_its_preview(bench: Bench, kind: str) -> None:
    cover = pictures.plain(kind, (1200, 1200))
    result = await bench.make(films.song("mp3", "libmp3lame", cover=cover))
    made, file, preview = result
    assert (made.type, made.file.suffix) == ("audio", ".mp3")
    assert pictures.opened(preview).size == (480, 480)
    assert made.meta["small"] == {"width": 480, "height": 480, "size": "480x480", "aspect": 1}
    assert made.blurhash is not None
    assert films.tracks_of(file) == {"audio": "mp3float"}


@pytest.mark.parametrize(
    "cover", [b"rubbish", pictures.plain("JPEG")[:80], pictures.plain("BMP"), b"\xff\xd8\xff"]
)
async def test_a_song_may_be_heard_without_its_cover(bench: Bench, cover: bytes) -> None:
    made, _, _ = await bench.make(films.song("mp3", "libmp3lame", cover=cover))
    assert (made.type, made.preview) == ("audio", None)


@pytest.mark.parametrize(
    ("video", "turned", "mirrored"),
    [
        *(("libx264", turned, False) for turned in (0, 90, 180, 270)),
        *(
            ("mpeg4", turned, mirrored)
            for turned in (0, 90, 180, 270)
            for mirrored in (False, True)
        ),
        ("libx264", 90, True),
    ],
)
async def test_s101_a_film_is_upright_and_so_is_its_preview(
    bench: Bench, video: str, turned: int, *, mirrored: bool
) -> None:
    """S101: copied or converted, what cameras write about how they were held is obeyed."""
    content = films.film(video=video, sound=None, turned=turned, mirrored=mirrored)
    result = await bench.make(content)
    shown, preview = films.frames_of(result.file)[0], pictures.opened(result.preview)
    assert shown.size == preview.size == ((64, 48) if turned in (0, 180) else (48, 64))
    assert (result.original["width"], result.original["height"]) == shown.size
    corner = {0: (0, 0), 90: (0, 1), 180: (1, 1), 270: (1, 0)}[turned]
    if mirrored:
        corner = (1 - corner[0], corner[1])
    for image in (shown, preview):
        width, height = image.size
        found = [
            (x, y)
            for x in (0, 1)
            for y in (0, 1)
            if not pictures.is_red(image, 4 + x * (width - 8), 4 + y * (height - 8))
        ]
        assert found == [corner]


TELLING: dict[str, dict[str, Any]] = {
    "mp4": {"kind": "mp4"},
    "mov": {"kind": "mov"},
    "mov to be converted": {"kind": "mov", "video": "mpeg4"},
    "mkv": {"kind": "matroska"},
    "webm": {"kind": "webm", "video": "libvpx", "sound": "libopus"},
    "mp3": {"kind": "mp3", "video": None, "sound": "libmp3lame"},
    "flac": {"kind": "flac", "video": None, "sound": "flac"},
    "ogg": {"kind": "ogg", "video": None, "sound": "libopus"},
    "m4a": {"kind": "ipod", "video": None, "sound": "aac"},
    "wav": {"kind": "wav", "video": None, "sound": "pcm_s16le"},
}
WORDS = {
    "title": films.SECRET,
    "artist": films.SECRET,
    "comment": films.SECRET,
    "location": "+52.5200+013.4050/",
}


@pytest.mark.parametrize("name", TELLING)
async def test_s101_nothing_is_told_by_a_film(bench: Bench, name: str) -> None:
    """S101: `©xyz`, tags of Matroska, comments of Vorbis, ID3, LIST; ME13."""
    content = films.film(metadata=WORDS, **TELLING[name])
    assert films.SECRET.encode() in content or name == "wav"
    _, file, preview = await bench.make(content)
    for word in (films.SECRET.encode(), b"52.5200", b"\xa9xyz", b"Lavf6", b"ID3"):
        assert word not in file
        assert word not in preview
    with av.open(io.BytesIO(file), "r") as container:
        said = container.metadata | {
            key: value for each in container.streams for key, value in each.metadata.items()
        }
        assert not {"title", "artist", "comment", "location"} & set(said)
        assert container.chapters() == []


async def test_s101_nothing_is_told_between_the_pictures(bench: Bench) -> None:
    """S101: camcorders write place and date into H.264 itself."""
    content = films.noted(films.film(), films.SECRET)
    assert content.count(films.SECRET.encode()) == 12
    _, file, _ = await bench.make(content)
    assert films.SECRET.encode() not in file
    assert len(films.frames_of(file)) == 12


async def test_s101_nothing_is_told_by_a_cover(bench: Bench) -> None:
    for where, cover in pictures.telling().items():
        if where in ("jpeg", "png"):
            song = films.song("mp3", "libmp3lame", cover=cover)
            assert pictures.SECRET in song
            _, file, preview = await bench.make(song)
            assert pictures.SECRET not in file
            assert pictures.SECRET not in preview
            assert preview


@pytest.mark.parametrize(("size", "made"), [((63, 47), (62, 46)), ((17, 1), (16, 2))])
async def test_a_size_that_h264_cannot_have(
    bench: Bench, size: tuple[int, int], made: tuple[int, int]
) -> None:
    result = await bench.make(films.film("webm", video="libvpx-vp9", sound=None, size=size))
    assert films.frames_of(result.file)[0].size == made
    assert result.made.meta["size"] == f"{made[0]}x{made[1]}"
