"""A server that sends without end, or packs a lot into little, costs a message."""

import gzip
import socket
import threading

import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.io.opendata import bounded
from hotspots.io.opendata.http import Client, Patience

QUICK = Patience(tries=1, first_wait_s=0.0, connect_s=2.0, read_s=2.0)
HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n"


@pytest.fixture
def evil():
    """Answers every call with the same bytes, then again and again what it repeats."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    stop = threading.Event()
    said = {}

    def serve():
        while not stop.is_set():
            try:
                talk, _ = listening.accept()
            except TimeoutError:
                continue
            with talk:
                try:
                    talk.recv(65_536)
                    talk.sendall(said["first"])
                    while said.get("again") and not stop.wait(said.get("every_s", 0.0)):
                        talk.sendall(said["again"])
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/", said
    stop.set()
    thread.join(5)
    listening.close()


def head(status=b"200 OK", kind=b"application/json", more=b""):
    return HEAD % (status, kind, more)


@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad Request"])
def test_an_endless_body_is_left_alone(evil, monkeypatch, status):
    monkeypatch.setattr(bounded.pieces_of, "__defaults__", (1 << 20, 900.0))
    url, said = evil
    said.update(first=head(status) + b'["', again=b"x" * 65_536)
    with pytest.raises(DataError):
        Client(QUICK).json(url)


def test_a_body_that_drips_for_ever_ends(evil, monkeypatch):
    monkeypatch.setattr(bounded.pieces_of, "__defaults__", (1 << 20, 0.3))
    url, said = evil
    said.update(first=head() + b'["', again=b"x", every_s=0.05)
    with refused("too-much-came", "0 s", kind=DataError):
        Client(QUICK).json(url)


def test_a_little_gzip_that_unpacks_to_much_is_refused(evil, monkeypatch):
    monkeypatch.setattr(bounded.pieces_of, "__defaults__", (1 << 20, 900.0))
    packed = gzip.compress(b" " * (1 << 26))
    url, said = evil
    length = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(packed)
    said.update(first=head(more=length) + packed)
    with refused("too-much-came", kind=DataError):
        Client(QUICK).json(url)


def test_json_nested_without_end_is_broken_json(evil):
    body = b"[" * 500_000
    url, said = evil
    said.update(first=head(more=b"Content-Length: %d\r\n" % len(body)) + body)
    with refused("gave-up", "broken JSON", kind=DataError):
        Client(QUICK).json(url)
