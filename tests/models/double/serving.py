"""HTTP as the double speaks it: requests whole, replies in pieces, and whether the client hung up before the end."""

import dataclasses
import http.server
import json
import select
import socket
import time

from cases import Refused

# Seconds, and bytes.
PAUSE, PIECE = 60, 7


@dataclasses.dataclass
class Request:
    method: str
    host: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(f"the body is no JSON: {error}") from None


@dataclasses.dataclass
class Reply:
    """The pieces are sent one by one.

    `silent` waits before the first byte, `paused` after so many pieces; `cut` hangs up after so many.
    """

    status: int
    headers: dict
    pieces: list
    silent: bool = False
    paused: int | None = None
    cut: int | None = None


def refusal(status, told):
    error = {"type": "double-refused", "code": "double-refused", "message": told}
    headers = {"content-type": "application/json", "x-double-refused": "yes"}
    return Reply(status, headers, [json.dumps({"kind": "double-refused", "error": error, "message": told}).encode()])


def paced(reply, answered, streams):
    """The reply as its case sends it."""
    reply.silent = answered.case == "silent"
    if answered.case == "pieces":
        whole = b"".join(reply.pieces)
        reply.pieces = [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)]
    if not streams and answered.case in ("slow", "cut"):
        whole = reply.pieces[0]
        reply.pieces = [whole[: len(whole) // 2], whole[len(whole) // 2 :]]
    middle = len(reply.pieces) // 2
    reply.paused = middle if answered.case == "slow" else None
    reply.cut = middle if answered.case == "cut" else None
    return reply


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port, answers):
        super().__init__(("127.0.0.1", port), Handler)
        self.answers = answers


class Gone(Exception):
    """The client hung up."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, headers.get("host", ""), self.path, headers, self.read(headers))
        reply, seen = self.server.answers(request)
        try:
            self.send(reply)
        except (Gone, ConnectionError):
            seen["closed_early"] = True
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PUT = answer

    def read(self, headers):
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def send(self, reply):
        if reply.silent:
            self.wait(PAUSE)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        chunked = reply.headers.get("content-type") != "application/json"
        length = str(sum(map(len, reply.pieces)))
        self.send_header(*(("transfer-encoding", "chunked") if chunked else ("content-length", length)))
        self.end_headers()
        for number, piece in enumerate(reply.pieces):
            self.wait(PAUSE if number == reply.paused else 0)
            if number == reply.cut:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def wait(self, seconds):
        """Until the time is over or the client hangs up."""
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            readable, _, _ = select.select([self.connection], [], [], left)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise Gone
            if left == 0:
                return
            if readable:
                time.sleep(min(left, 0.1))

    def log_message(self, *_):
        pass
