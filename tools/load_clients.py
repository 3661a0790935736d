"""What tools/bench-load measures: nginx as the server, and the clients with their commands."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
CPUS = sorted(os.sched_getaffinity(0))
SHORT = "hello, this is a short answer\n"


def nginx_config(folder, port):
    return f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /short {{ default_type text/plain; return 200 "{SHORT.strip()}"; }}
    location / {{ root {folder}; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx():
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        Path(folder, "10k").write_bytes(b"x" * 10240)
        Path(folder, "nginx.conf").write_text(nginx_config(folder, port))
        server = subprocess.Popen([program, "-c", f"{folder}/nginx.conf", "-p", folder],
                                  preexec_fn=lambda: os.sched_setaffinity(0, {CPUS[0]}))
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                time.sleep(0.05)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)


def answer_size(port, path, close):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        extra = "Connection: close\r\n" if close else ""
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{extra}\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head = data.split(b"\r\n\r\n")[0]
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        return len(head) + 4 + length


def peak_rss(pid):
    """VmHWM, since ru_maxrss survives exec and would tell of this program instead."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found.group(1)) * 1024 if found else 0
    return 0


class Run:
    """A client while it runs and afterwards: output, processor seconds, peak of resident memory."""

    def __init__(self, command, cpus):
        self.command = command
        self.out = tempfile.TemporaryFile("w+")
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(self.out.fileno(), 1)
            os.sched_setaffinity(0, cpus)
            os.execvp(command[0], command)
        self.rss = 0
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self):
        while not self.ended.wait(0.1):
            self.rss = max(self.rss, peak_rss(self.pid))

    def wait(self):
        # Until it is a zombie, so that nothing is asked of a process that is gone.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.ended.set()
        self.watcher.join()
        _, status, usage = os.wait4(self.pid, 0)
        self.out.seek(0)
        self.text = self.out.read()
        self.out.close()
        if status != 0:
            raise RuntimeError(f"{' '.join(self.command)} failed with status {status}: {self.text[-500:]}")
        self.cpu = usage.ru_utime + usage.ru_stime
        return self


def find(program):
    caches = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(caches):
        caches = os.path.expanduser("~/.cache")
    cache = os.environ.get("POOLBENCH_CACHE") or os.path.join(caches, "poolbench")
    return shutil.which(program, path=os.path.join(cache, "generators", "bin")) or shutil.which(program)


class Clients:
    """Each method gives the command of a client and how many requests its output tells of; the
    number of requests is given instead of the time if `count` is."""

    def __init__(self, port, workload, seconds, count=None):
        self.workload, self.seconds, self.count = workload, seconds, count
        self.port = port
        self.url = f"http://127.0.0.1:{port}{workload.path}"
        self.size = answer_size(port, workload.path, workload.close)
        self.rate = 0

    def floor(self):
        connections = self.workload.connections // self.workload.threads
        return ([str(BUILD / "load_floor"), str(self.port), self.workload.path, str(self.size),
                 str(connections), str(self.seconds)] + ["close"] * self.workload.close), int

    def native(self):
        length = ["-n", str(self.count)] if self.count else ["--measure", f"{self.seconds}s"]
        return ([str(BUILD / "poolbench-load"), self.url, "-c", str(self.workload.connections),
                 "--threads", str(self.workload.threads), "--json"] + length
                + [self.url_of(word) for word in self.workload.native_arguments]
                + ["--close"] * self.workload.close), self.native_count

    def url_of(self, word):
        """A path stands for a further URL."""
        return f"http://127.0.0.1:{self.port}{word}" if word.startswith("/") else word

    @staticmethod
    def native_count(text):
        requests = json.loads(text)["requests"]
        if requests["ok"] != requests["sent"]:
            raise RuntimeError(f"the native generator saw errors: {requests}")
        return requests["ok"]

    def wrk(self):
        if self.count:
            return None
        return ([find("wrk"), f"-t{self.workload.threads}", f"-c{self.workload.connections}",
                 f"-d{self.seconds}s", self.url] + ["-H", "Connection: close"] * self.workload.close
                ), lambda text: int(re.search(r"(\d+) requests in", text).group(1))

    def ab(self):
        if self.workload.threads > 1:
            return None
        n = self.count or max(self.workload.connections, int(self.rate * self.seconds))
        return ([find("ab"), "-q", "-n", str(n), "-c", str(self.workload.connections)]
                + ["-k"] * (not self.workload.close) + [self.url]
                ), lambda text: int(re.search(r"Complete requests:\s+(\d+)", text).group(1))

    def hey(self):
        length = ["-n", str(self.count)] if self.count else ["-z", f"{self.seconds}s"]
        return ([find("hey"), "-c", str(self.workload.connections), "-cpus",
                 str(self.workload.threads)] + length
                + ["-disable-keepalive"] * self.workload.close + [self.url]
                ), lambda text: sum(map(int, re.findall(r"\[200\]\s+(\d+) responses", text)))

    def oha(self):
        length = ["-n", str(self.count)] if self.count else ["-z", f"{self.seconds}s"]
        return ([find("oha"), "-c", str(self.workload.connections), "--no-tui", "--output-format",
                 "json"] + length + ["--disable-keepalive"] * self.workload.close + [self.url]
                ), lambda text: sum(json.loads(text)["statusCodeDistribution"].values())

    def run(self, name):
        """Processor µs a request and resident bytes, or None if the client cannot do it."""
        chosen = getattr(self, name)()
        if chosen is None or chosen[0][0] is None:
            return None
        command, count_in = chosen
        cpus = set(CPUS) if self.workload.threads > 1 else {CPUS[-1]}
        copies = self.workload.threads if name == "floor" else 1
        runs = [run.wait() for run in [Run(command, cpus) for _ in range(copies)]]
        count = sum(count_in(run.text) for run in runs)
        if name == "floor":
            self.rate = count / self.seconds
        return {"us": 1e6 * sum(run.cpu for run in runs) / count,
                "rss": max(run.rss for run in runs), "requests": count}
