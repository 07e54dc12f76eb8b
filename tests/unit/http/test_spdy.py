"""SPDY/3.1: frames to bytes and back, streams as a server sees them."""

from __future__ import annotations

import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.http.spdy_frames import (
    DICTIONARY,
    INVALID_STREAM,
    LONGEST,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    Data,
    Decoder,
    Encoder,
    FrameFault,
    GoAway,
    Headers,
    Ping,
    Reset,
    Settings,
    SynReply,
    SynStream,
    WindowUpdate,
)
from k8s_tutor.embedded.http.spdy_streams import Connection, Stream

streams = st.integers(1, 2**31 - 1)
words = st.integers(0, 2**32 - 1)
headers = st.dictionaries(st.text("abcdefgh-", min_size=1, max_size=9), st.text(max_size=20), max_size=4)
frames = st.one_of(
    st.builds(SynStream, streams, headers, st.booleans(), st.booleans(), streams, st.integers(0, 7)),
    st.builds(SynReply, streams, headers, st.booleans()),
    st.builds(Reset, streams, words),
    st.builds(Settings, st.lists(st.tuples(st.integers(0, 255), st.integers(0, LONGEST), words)).map(tuple)),
    st.builds(Ping, words),
    st.builds(GoAway, streams, words),
    st.builds(Headers, streams, headers, st.booleans()),
    st.builds(WindowUpdate, streams, streams),
    st.builds(Data, streams, st.binary(max_size=99), st.booleans()),
)


def test_the_dictionary_is_the_specifications():
    assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2  # DICTID in the draft's own examples


@given(sent=st.lists(frames, max_size=6), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_what_is_encoded_is_decoded_whatever_pieces_it_comes_in(sent, cuts):
    encoder, decoder = Encoder(), Decoder()
    data = b"".join(encoder.encode(frame) for frame in sent)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    pieces = [data[start:end] for start, end in itertools.pairwise(places)]

    assert [frame for piece in pieces for frame in decoder.feed(piece)] == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_a_fault(data):
    try:
        Decoder().feed(data)
    except FrameFault as fault:
        assert str(fault)  # noqa: PT017  # either outcome is fine, a third is not


class Peer:
    """The client's side of a connection, and what the server's streams have seen."""

    def __init__(self, *, accepts: bool = True) -> None:
        self.seen: list[object] = []
        self.streams: list[Stream] = []
        self._accepts = accepts
        self._encoder, self._decoder = Encoder(), Decoder()
        self._sent = b""
        self.connection = Connection(self._opened, self._take)

    def _opened(self, stream: Stream) -> bool:
        self.streams.append(stream)
        stream.on_data = self.seen.append
        stream.on_end = lambda: self.seen.append("end")
        stream.on_reset = lambda: self.seen.append("reset")
        return self._accepts

    def _take(self, data: bytes) -> None:
        self._sent += data

    def say(self, *frames: object) -> list[object]:
        """Sends frames; what the server has said since."""
        self.connection.receive(b"".join(self._encoder.encode(frame) for frame in frames))
        return self.hear()

    def hear(self) -> list[object]:
        data, self._sent = self._sent, b""
        return list(self._decoder.feed(data))


def test_a_stream_is_opened_answered_and_closed_in_halves():
    peer = Peer()

    assert peer.say(SynStream(1, {"streamtype": "data"}), Data(1, b"ask"), Data(1, fin=True)) == [SynReply(1)]
    assert peer.seen == [b"ask", "end"]

    peer.streams[0].write(b"answer")
    peer.streams[0].end()
    peer.streams[0].end()
    assert peer.hear() == [Data(1, b"answer"), Data(1, fin=True)]


def test_a_reset_stream_says_nothing_more():
    peer = Peer()
    peer.say(SynStream(1), Reset(1))
    peer.streams[0].write(b"too late")

    assert (peer.seen, peer.hear()) == (["reset"], [])


def test_a_refused_stream_is_reset():
    assert Peer(accepts=False).say(SynStream(1))[-1] == Reset(1, REFUSED_STREAM)


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        pytest.param(Ping(1), [Ping(1)], id="a client's ping"),
        pytest.param(Ping(2), [], id="an answer to a ping"),
        pytest.param(SynStream(2), [Reset(2, PROTOCOL_ERROR)], id="a server's number"),
        pytest.param(Data(7, b"x"), [Reset(7, INVALID_STREAM)], id="no such stream"),
        pytest.param(Settings(((0, 7, 1 << 16),)), [], id="settings"),
        pytest.param(WindowUpdate(1, 9), [], id="windows"),
    ],
)
def test_answers_of_the_connection(frame, answer):
    assert Peer().say(frame) == answer


def test_numbers_must_rise():
    assert Peer().say(SynStream(3), SynStream(1)) == [SynReply(3), Reset(1, PROTOCOL_ERROR)]


def test_nonsense_ends_the_connection_and_its_streams():
    peer = Peer()
    peer.say(SynStream(1))
    peer.connection.receive(b"\x80\x02\x00\x01\x00\x00\x00\x00")

    assert peer.hear() == [GoAway(1, PROTOCOL_ERROR)]
    assert (peer.seen, peer.connection.gone) == (["reset"], True)
