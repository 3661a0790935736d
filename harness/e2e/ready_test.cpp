// How it is seen that every worker has started: real servers with several workers.
#include <fmt/format.h>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// Serves with PORT, WORKERS and CLASS, "prefork" or "threads" from the environment. Workers of a
/// prefork server answer one request at a time and close its connection, and each takes longer to
/// start than the one before.
constexpr const char* kWorkersServer = R"(import os, socketserver, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0" if os.environ["CLASS"] == "prefork" else "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.send_header("X-Worker", str(os.getpid()))
        self.end_headers()
        self.wfile.write(b"Teapot")

    def log_message(self, *words):
        pass

HTTPServer.request_queue_size = 64

class Threads(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True

address = ("127.0.0.1", int(os.environ["PORT"]))
if os.environ["CLASS"] == "threads":
    Threads(address, Page).serve_forever()
server = HTTPServer(address, Page)
for worker in range(int(os.environ["WORKERS"])):
    if os.fork() == 0:
        time.sleep(worker * 0.2)
        server.serve_forever()
time.sleep(3600)
)";

constexpr const char* kWorkersTarget = R"(schema = 2
name = "workers"
default_endpoint = "page"
[params.workers]
type = "integer"
default = 3
environment = "WORKERS"
[params.class]
type = "string"
default = "prefork"
environment = "CLASS"
[serve]
command = ["python3", "server.py"]
environment = {{ PORT = "{{port}}" }}
stop_grace = "10ms"
[ready]
worker_param = "workers"
{}
[endpoint.page]
path = "/"
database = false
expect.body = "Teapot"
)";

class ReadyTest : public E2eTest {
 protected:
  /// `ready`: further lines of [ready].
  [[nodiscard]] fs::path write(const std::string& ready, const std::string& design = "") const {
    EXPECT_TRUE(base::write_file_atomically(folder_ / "server.py", kWorkersServer));
    EXPECT_TRUE(base::write_file_atomically(folder_ / "target.toml",
                                            fmt::format(fmt::runtime(kWorkersTarget), ready)));
    EXPECT_TRUE(base::write_file_atomically(
        folder_ / "workers.toml",
        "schema = 1\nname = \"workers\"\ntarget.use = \"./target.toml\"\ndesign.blocks = 1\n"
        "[load]\nconnections = 4\nwarmup = \"50ms\"\nmeasure = \"200ms\"\n" +
            design));
    return folder_ / "workers.toml";
  }
  base::Json ready_after(Program& program) {
    program.wait();
    expect_nothing_left(program);
    return report().at("cells").at(0).at("trials").at(0).at("ready");
  }
};

TEST_F(ReadyTest, WorkersAreToldApartByTheirConnectionsEvenIfEachAnswerClosesOne) {
  Program program = run(write("timeout = \"10s\""));
  EXPECT_EQ(ready_after(program), base::Json({{"by", "connections"}, {"workers", 3}}))
      << program.err();
}

TEST_F(ReadyTest, AHeaderTellsThemApartFirst) {
  Program program = run(write("worker_header = \"X-Worker\""));
  EXPECT_EQ(ready_after(program), base::Json({{"by", "header"}, {"workers", 3}})) << program.err();
}

TEST_F(ReadyTest, ThreadsOfOneProcessAreNotWaitedForForEver) {
  const fs::path scenario = write("timeout = \"2s\"");
  Program program =
      start({"run", "--check", scenario.string(), "--set", "target.params.class=threads"});
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  EXPECT_THAT(
      program.out(),
      AllOf(HasSubstr("3 workers are expected (ready.worker_param = \"workers\"), 1 process "
                      "of the target held connections within 2"),
            HasSubstr("set ready.settle"), HasSubstr("ready.worker_header"),
            HasSubstr("leave ready.worker_param out")));
}

TEST_F(ReadyTest, WhatSettlesIsAskedForThatLong) {
  const fs::path scenario = write("settle = \"700ms\"");
  Program check = start({"run", "--check", scenario.string()});
  EXPECT_EQ(check.wait(), exited(0)) << check.err();
  EXPECT_THAT(check.out(), HasSubstr("workers not told apart (ready.settle)"));

  Program program = run(scenario, {"--set", "target.params.class=threads"});
  EXPECT_EQ(ready_after(program), base::Json({{"by", "settle"}, {"workers", nullptr}}));
  EXPECT_THAT(program.out(), HasSubstr("counted as ready once ready.settle had passed"));
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_THAT(trial.at("missing").at("ready.workers").get<std::string>(), HasSubstr("apart"));
  double waited = 0;
  for (const auto& phase : trial.at("phases")) {
    if (phase.contains("parts")) waited += phase.at("parts").value("workers", 0.0);
  }
  EXPECT_GE(waited, 0.7) << trial.at("phases");
}

}  // namespace
}  // namespace poolbench::e2e
