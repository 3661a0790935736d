"""Answers every GET after a fixed delay, on as many connections as there are."""

import argparse
import asyncio

BODY = b"late but right\n"


def answer(path, close):
    status = b"200 OK" if path == b"/" else b"404 Not Found"
    connection = b"close" if close else b"keep-alive"
    return (b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: %b\r\n\r\n%b"
            % (status, len(BODY), connection, BODY))


class Connection(asyncio.Protocol):
    def __init__(self, delay_seconds):
        self.delay_seconds = delay_seconds
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            line, _, headers = head.partition(b"\r\n")
            _, path, version = line.split(b" ")
            headers = headers.lower()
            close = b"connection: close" in headers or (
                version == b"HTTP/1.0" and b"connection: keep-alive" not in headers)
            asyncio.get_running_loop().call_later(self.delay_seconds, self.send, path, close)

    def send(self, path, close):
        if self.transport.is_closing():
            return
        self.transport.write(answer(path, close))
        if close:
            self.transport.close()


async def serve(port, delay_seconds):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(delay_seconds), "127.0.0.1", port,
                                      backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=int, default=20)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.delay_ms / 1000))
