"""Answers every request with "hello": on a port or a unix socket, with or without TLS."""

import argparse
import http.server
import socketserver
import ssl

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--port", type=int)
options.add_argument("--socket")
options.add_argument("--host", help="the only value of the header Host that is right")
options.add_argument("--cert")
options.add_argument("--key")
options = options.parse_args()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one write

    def do_GET(self):
        right = options.host in (None, self.headers["Host"])
        body = b"hello" if right else b"another host"
        self.send_response(200 if right else 421)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


family = socketserver.UnixStreamServer if options.socket else socketserver.TCPServer


class Server(socketserver.ThreadingMixIn, family):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


server = Server(options.socket or ("127.0.0.1", options.port), Handler)
if options.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
server.serve_forever()
