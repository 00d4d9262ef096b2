"""A server on this machine that behaves as data.police.uk and the Open Geography service document.

Nothing is mocked between the code and the socket: faults are real answers, real silence and real
broken connections.
"""

import hashlib
import io
import json
import re
import socket
import struct
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import shapely

STREET_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


@dataclass
class Answer:
    """What the server says; the faults are parts of it."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: dict = field(default_factory=dict)
    break_after: int | None = None
    halt_after: int | None = None
    silent_s: float = 0.0


@dataclass
class Asked:
    """A question that came, and how many bytes of body went out for it."""

    method: str
    path: str
    question: dict
    headers: dict
    status: int
    served: int


class _Patient(ThreadingHTTPServer):
    """Clients that hang up are part of the tests, and another test may be running by then."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class LocalServer:
    """Routes by path; `faults` are answered first, one each time their path is asked."""

    def __init__(self):
        self.routes, self.faults, self.log = {}, {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                outer._serve(self)

            def do_POST(self):
                outer._serve(self)

            def log_message(self, *args):
                pass

        self._server = _Patient(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def fault(self, path, *answers):
        self.faults.setdefault(path, []).extend(answers)

    def asked(self, path):
        return [one for one in self.log if one.path == path]

    def _serve(self, handler):
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(length).decode() if length else parts.query
        every = parse_qs(text, keep_blank_values=True)
        question = {key: values[-1] for key, values in every.items()}
        waiting = self.faults.get(parts.path)
        if waiting:
            answer = waiting.pop(0)
        elif len(handler.path) > 4094 and handler.command == "GET":
            answer = Answer(b"too long", 400, "text/plain")
        elif parts.path in self.routes:
            answer = self.routes[parts.path](question, handler.headers)
        else:
            answer = Answer(b"Not Found", 404, "text/plain")
        time.sleep(answer.silent_s)
        asked = Asked(
            handler.command, parts.path, question, dict(handler.headers), answer.status, 0
        )
        self.log.append(asked)
        try:
            self._send(handler, answer, asked)
        except OSError:
            handler.close_connection = True

    def _send(self, handler, answer, asked):
        body = answer.body
        handler.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if answer.halt_after is not None:
            handler.wfile.write(body[: answer.halt_after])
            asked.served = answer.halt_after
            time.sleep(20)
            return
        if answer.break_after is None:
            handler.wfile.write(body)
            asked.served = len(body)
            return
        handler.wfile.write(body[: answer.break_after])
        handler.wfile.flush()
        asked.served = answer.break_after
        time.sleep(0.05)
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True


def as_json(content, **more):
    return Answer(json.dumps(content).encode(), **more)


def web_page(title, status=200):
    page = f"<!doctype html><html><head><title>{title}</title></head></html>"
    return Answer(page.encode(), status, "text/html; charset=utf-8")


class File:
    """A file that can be asked for in parts."""

    def __init__(self, body, *, tag=True, ranges=True):
        self.body, self.tag, self.ranges = body, tag, ranges
        self.break_next = []

    @property
    def version(self):
        return f'"{hashlib.md5(self.body).hexdigest()}"'

    def __call__(self, question, headers):
        sent = {"ETag": self.version} if self.tag else {}
        cut = self.break_next.pop(0) if self.break_next else None
        wanted = re.fullmatch(r"bytes=(\d+)-", headers.get("Range") or "")
        fits = headers.get("If-Range") in (None, self.version)
        if not (wanted and self.ranges and fits):
            return Answer(self.body, 200, "application/zip", sent, break_after=cut)
        start = int(wanted[1])
        if start >= len(self.body):
            return Answer(b"", 416, "text/plain", sent)
        sent["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        return Answer(self.body[start:], 206, "application/zip", sent, break_after=cut)


def street_csv(month, rows, force="West Yorkshire Police"):
    lines = [STREET_HEADER]
    for number in range(rows):
        lon, lat = -1.55 + 0.001 * (number % 40), 53.80 + 0.001 * (number // 40 % 40)
        name = hashlib.sha256(f"{month}{force}{number}".encode()).hexdigest()
        lines.append(
            f"{name},{month},{force},{force},{lon:.6f},{lat:.6f},On or near Test Street,"
            "E01000001,Leeds 001A,Burglary,Under investigation,"
        )
    return ("\n".join(lines) + "\n").encode()


def archive(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return packed.getvalue()


class PoliceUk(LocalServer):
    """data.police.uk: archives with their page of MD5s, and the API with its limits."""

    def __init__(self, *, limit=10_000):
        super().__init__()
        self.archives, self.md5s = {}, {}
        self.crimes, self.unplaced = {}, {}
        self.months, self.updated, self.limit = [], "2026-07-01", limit
        self.routes |= {
            "/data/archive/": self._page,
            "/api/crimes-street-dates": lambda *_: as_json(
                [{"date": month, "stop-and-search": []} for month in self.months]
            ),
            "/api/crime-last-updated": lambda *_: as_json({"date": self.updated}),
            "/api/crimes-street/all-crime": self._street,
            "/api/crimes-no-location": self._no_location,
        }

    def offer(self, name, body, *, md5=None, **how):
        self.archives[name] = self.routes[f"/data/archive/{name}.zip"] = File(body, **how)
        self.md5s[name] = md5 or hashlib.md5(body).hexdigest()
        return self.archives[name]

    def withdraw(self, name):
        del self.archives[name], self.md5s[name], self.routes[f"/data/archive/{name}.zip"]

    def _page(self, question, headers):
        rows = "".join(
            f'<li><a href="/data/archive/{name}.zip">{name}</a> <code>{self.md5s[name]}</code></li>'
            for name in sorted(self.archives, reverse=True)
        )
        return Answer(f"<html><title>Archive</title><ul>{rows}</ul>".encode(), kind="text/html")

    def _street(self, question, headers):
        corners = [tuple(map(float, pair.split(","))) for pair in question["poly"].split(":")]
        area = shapely.Polygon([(lon, lat) for lat, lon in corners])
        crimes = self.crimes.get(question["date"], [])
        lon = [float(crime["location"]["longitude"]) for crime in crimes]
        lat = [float(crime["location"]["latitude"]) for crime in crimes]
        shapely.prepare(area)
        inside = shapely.contains_xy(area, lon, lat) if crimes else []
        found = [crime for crime, keep in zip(crimes, inside, strict=True) if keep]
        return Answer(b"", 503, "text/plain") if len(found) > self.limit else as_json(found)

    def _no_location(self, question, headers):
        found = self.unplaced.get((question["force"], question["date"]))
        return Answer(b"Not Found", 404) if found is None else as_json(found)


def crime(number, lon, lat, month="2025-01", category="anti-social-behaviour"):
    """A crime as the API gives it; ASB has no persistent id, so only `id` tells two apart."""
    place = {"latitude": f"{lat:.6f}", "longitude": f"{lon:.6f}"}
    return {
        "category": category, "location_type": "Force", "context": "", "outcome_status": None,
        "location": place | {"street": {"id": 1, "name": "On or near Test Street"}},
        "persistent_id": "", "id": number, "location_subtype": "", "month": month,
    }  # fmt: skip


class OpenGeography(LocalServer):
    """ArcGIS feature services: counts, pages of at most `most`, errors in a good envelope."""

    def __init__(self, *, most=2_000):
        super().__init__()
        self.most, self.lie, self.turn = most, 0, 0

    def layer(self, service, rows, shapes=None):
        """Rows are dicts of fields; shapes their rings in degrees, by position."""
        self.routes[f"/{service}/FeatureServer/0/query"] = lambda question, headers: self._query(
            rows, shapes, question
        )

    def _query(self, rows, shapes, question):
        try:
            chosen = [at for at, row in enumerate(rows) if matches(row, question["where"])]
        except KeyError as error:
            return as_json({"error": {"code": 400, "message": f"Invalid field {error}"}})
        if question.get("returnCountOnly") == "true":
            return as_json({"count": len(chosen) + self.lie})
        by = question.get("orderByFields")
        if by:
            chosen.sort(key=lambda at: rows[at][by])
        else:  # no order is promised: each page may come from another one
            self.turn += 1
            chosen = chosen[self.turn :] + chosen[: self.turn]
        start = int(question.get("resultOffset", 0))
        page = chosen[start : start + min(self.most, int(question["resultRecordCount"]))]
        wanted = question["outFields"].split(",")
        own = [{name: rows[at][name] for name in wanted} for at in page]
        if question["f"] == "json":
            return as_json({"features": [{"attributes": one} for one in own]})
        outlines = [{"type": "Polygon", "coordinates": [shapes[at]]} for at in page]
        features = [
            {"type": "Feature", "properties": one, "geometry": outline}
            for one, outline in zip(own, outlines, strict=True)
        ]
        more = {"exceededTransferLimit": True} if start + len(page) < len(chosen) else {}
        return as_json({"type": "FeatureCollection", "properties": more, "features": features})


def matches(row, where):
    """The little SQL these services are asked."""
    if where == "1=1":
        return True
    if found := re.fullmatch(r"(\w+)='(.*)'", where):
        return row[found[1]] == found[2].replace("''", "'")
    if found := re.fullmatch(r"(\w+) LIKE '(.*)%'", where):
        return row[found[1]].startswith(found[2].replace("''", "'"))
    if found := re.fullmatch(r"(\w+) IN \((.*)\)", where):
        return row[found[1]] in re.findall(r"'([^']*)'", found[2])
    raise KeyError(where)


class OsDownloads(LocalServer):
    """The OS Downloads API: a list of one file with its MD5, and a redirect to where it lies."""

    def __init__(self, body, *, md5=None):
        super().__init__()
        self.file, self.md5 = File(body), md5
        self.routes |= {
            "/products/OpenRoads/downloads": self._downloads,
            "/elsewhere/oproad_gpkg_gb.zip": lambda *asked: self.file(*asked),
        }

    def _downloads(self, question, headers):
        if (question["area"], question["format"]) != ("GB", "GeoPackage"):
            return Answer(b"Not Found", 404, "text/plain")
        if "redirect" in question:
            where = {"Location": f"{self.url}/elsewhere/oproad_gpkg_gb.zip?signed=1"}
            return Answer(b"", 307, headers=where)
        told = self.md5 or hashlib.md5(self.file.body).hexdigest()
        return as_json([{"fileName": "oproad_gpkg_gb.zip", "area": "GB", "md5": told}])


def square(west, south, size=0.01):
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]
