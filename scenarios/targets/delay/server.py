"""Answers every GET after a fixed delay, on as many connections as there are.

Of a request it reads no more than it needs, so that one with many headers takes it no longer. At its
end it prints what it saw of the client: the median time from an answer to the connection's next request.
"""

import argparse
import contextlib
import signal
import socketserver
import statistics
import sys
import time

BODY = b"late but right\n"
turnarounds = []  # seconds


class Handler(socketserver.BaseRequestHandler):
    delay_seconds = 0.0

    def handle(self):
        with contextlib.suppress(ConnectionResetError):  # how some clients end
            self.answer_all()

    def answer_all(self):
        received = b""
        answered = None
        while chunk := self.request.recv(65536):
            now = time.monotonic()
            received += chunk
            head, is_whole, rest = received.partition(b"\r\n\r\n")
            if not is_whole:
                continue
            received = rest
            if answered:
                turnarounds.append(now - answered)
            time.sleep(max(0.0, now + self.delay_seconds - time.monotonic()))
            answered = time.monotonic()
            if not self.answer(head):
                return

    def answer(self, head):
        """Returns whether the connection stays open."""
        request_line, _, headers = head.lower().partition(b"\r\n")
        stays = b"connection: keep-alive" in headers or (
            request_line.endswith(b"http/1.1") and b"connection: close" not in headers
        )
        status = b"200 OK" if request_line.startswith(b"get / ") else b"404 Not Found"
        connection = b"keep-alive" if stays else b"close"
        self.request.sendall(
            b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s"
            % (status, len(BODY), connection, BODY)
        )
        return stays


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 4096


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=int, default=20)
    options = parser.parse_args()
    Handler.delay_seconds = options.delay_ms / 1000
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        Server(("127.0.0.1", options.port), Handler).serve_forever()
    finally:
        if turnarounds:
            print(f"from an answer to the next request: median {1e6 * statistics.median(turnarounds):.0f} µs", flush=True)
