"""Answers every GET after a fixed delay, on as many connections as there are."""

import argparse
import http.server
import time

BODY = b"late but right\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is sent whole when do_GET() returns
    delay_seconds = 0.0

    def parse_request(self):
        self.due = time.monotonic() + self.delay_seconds
        return super().parse_request()

    def do_GET(self):
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(BODY)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        self.wfile.write(BODY)
        time.sleep(max(0.0, self.due - time.monotonic()))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 4096


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=int, default=20)
    options = parser.parse_args()
    Handler.delay_seconds = options.delay_ms / 1000
    Server(("127.0.0.1", options.port), Handler).serve_forever()
