// Services between the target and PostgreSQL, and beside the target.
#include <fmt/format.h>

#include <fstream>

#include "base/file.h"
#include "e2e/fixture.h"
#include "process/launch.h"

namespace poolbench::e2e {
namespace {

constexpr const char* kServerFolders = "/usr/local/sbin:/usr/sbin:/usr/bin:/bin";

class ServicesTest : public E2eTest {
 protected:
  /// The shipped services stand beside the scenarios of these tests.
  void SetUp() override {
    fs::create_directories(folder_ / "services");
    for (const char* const name : {"pgbouncer", "delay", "redis"}) {
      fs::create_directory_symlink(fs::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "services" / name,
                                   folder_ / "services" / name);
    }
  }
  static bool lacks(const char* program) {
    return process::find_program(program, kServerFolders).empty();
  }
  /// A service.toml of a test's own.
  void write_service(const std::string& name, const std::string& text) const {
    fs::create_directories(folder_ / "services" / name);
    std::ofstream(folder_ / "services" / name / "service.toml")
        << "schema = 1\nname = \"" << name << "\"\n"
        << text;
  }
  static ToyBench over(const std::string& postgres, const std::string& more = {}) {
    ToyBench bench = with_database(2);
    bench.postgres = postgres;
    bench.measure = "300ms";
    bench.more = more;
    return bench;
  }
  static base::Json only_trial(const base::Json& cell) {
    for (const base::Json& trial : cell.at("trials")) {
      if (trial.at("status") != "superseded") return trial;
    }
    ADD_FAILURE() << "no trial in " << cell;
    return cell;
  }
  /// The texts of all files of the results.
  [[nodiscard]] std::string all_results() const {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(results())) {
      if (entry.is_regular_file()) all += base::read_file(entry.path()).value_or("");
    }
    return all;
  }
};

TEST_F(ServicesTest, APoolerKeepsTheSessionsOfClientsThatConnectForEachRequest) {
  if (lacks("pgbouncer")) GTEST_SKIP() << "pgbouncer is not installed";
  ToyBench bench =
      over("auth = \"scram-sha-256\"",
           "[service.pgbouncer]\nparams = { auth_type = \"scram-sha-256\" }\n"
           "[matrix]\n\"postgres.via\" = [\"direct\", \"pgbouncer\"]\n"
           "[[hypothesis]]\nclaim = \"PgBouncer works\"\n"
           "metric = \"service.pgbouncer.cpu_us_per_request\"\ncell = { via = \"pgbouncer\" }\n"
           "at_least = 0.01\n");
  bench.measure = "1s";  // processor time comes in ticks of 10 ms
  Program program = run(bench);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  const base::Json direct = only_trial(report.at("cells").at(0));
  const base::Json pooled = only_trial(report.at("cells").at(1));
  EXPECT_GT(direct.at("database").at("sessions_per_request"), 0.8) << reasons(direct);
  EXPECT_LT(pooled.at("database").at("sessions_per_request"), 0.2) << reasons(pooled);
  EXPECT_THAT(pooled.at("requests").at("errors"), IsEmpty()) << reasons(pooled);
  EXPECT_FALSE(direct.contains("services"));
  EXPECT_GT(pooled.at("services").at("pgbouncer").at("cpu_seconds"), 0);
  EXPECT_GT(pooled.at("services").at("pgbouncer").at("peak_rss_bytes"), 0);
  for (const base::Json* trial : {&direct, &pooled}) {
    EXPECT_GT(trial->at("path").at("connect_us"), trial->at("path").at("round_trip_us"));
  }
  EXPECT_GT(
      report.at("cells").at(1).at("summary").at("service.pgbouncer.cpu_us_per_request").at("n"), 0);
  const base::Json& service = report.at("environment").at("services").at(0);
  EXPECT_THAT(service.at("versions").at("pgbouncer").get<std::string>(), HasSubstr("PgBouncer"));
  EXPECT_EQ(report.at("cells").at(1).at("config").at("postgres").at("via"), "pgbouncer");
  EXPECT_THAT(program.out(), AllOf(HasSubstr("target+PG+gen.+services"), HasSubstr("to PostgreSQL"),
                                   HasSubstr("round trip ms")));
  const fs::path log = report_file().parent_path() / pooled.at("folder").get<std::string>() /
                       "services" / "pgbouncer.log";
  EXPECT_TRUE(fs::exists(log)) << log;
  // Nothing that was rendered for it is kept: it holds the password.
  EXPECT_THAT(all_results(), Not(HasSubstr("auth_file =")));
}

TEST_F(ServicesTest, APoolerTellsHowLongClientsWaitedForAServerConnection) {
  if (lacks("pgbouncer")) GTEST_SKIP() << "pgbouncer is not installed";
  Program program =
      run(over("via = \"pgbouncer\"",
               "[service.pgbouncer]\nparams.pool_mode = \"transaction\"\n"
               "[matrix]\n\"service.pgbouncer.params.default_pool_size\" = [1, 20]\n"));
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  const base::Json starved = only_trial(report.at("cells").at(0));
  const base::Json& one = starved.at("metrics");
  const base::Json many = only_trial(report.at("cells").at(1)).at("metrics");
  EXPECT_GT(one.at("service.pgbouncer.wait_us"), 0) << starved.at("missing");
  EXPECT_GT(one.at("service.pgbouncer.wait_us"), many.at("service.pgbouncer.wait_us"));
  EXPECT_GE(one.at("service.pgbouncer.waiting_clients_max"), 1) << one;
  for (const base::Json& declared : report.at("metrics")) {
    EXPECT_THAT(declared.dump(), HasSubstr("sql"));
  }
}

TEST_F(ServicesTest, APathIsAsLongAsItWasAskedFor) {
  if (process::find_program("go").empty()) GTEST_SKIP() << "go is not installed";
  Program program =
      run(over("via = \"delay\"", "[service.delay]\nparams = { round_trip_ms = 20 }\n"));
  program.wait(std::chrono::seconds(600));
  expect_nothing_left(program);
  const base::Json report = this->report();
  const base::Json trial = only_trial(report.at("cells").at(0));
  EXPECT_GE(trial.at("path").at("round_trip_us"), 20'000) << reasons(trial) << program.err();
  EXPECT_LT(trial.at("path").at("round_trip_us"), 40'000);
}

TEST_F(ServicesTest, ATargetIsToldWhereTheServicesAreThatItNeeds) {
  if (lacks("redis-server")) GTEST_SKIP() << "redis-server is not installed";
  const std::string python = process::find_program("python3");
  if (python.empty()) GTEST_SKIP() << "python3 is not installed";
  fs::create_directories(folder_ / "counter");
  std::ofstream(folder_ / "counter" / "server.py") << R"(
import http.server, os, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with socket.create_connection((os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"]))) as redis:
            redis.sendall(b"PING\r\n")
            body = redis.recv(100).strip(b"+\r\n")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *ignored): pass
import sys
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";
  std::ofstream(folder_ / "counter" / "target.toml")
      << "schema = 2\nname = \"counter\"\nneeds = [\"redis\"]\ndefault_endpoint = \"ping\"\n"
      << "[serve]\ncommand = [\"" << python << "\", \"server.py\", \"{port}\"]\n"
      << "environment = { REDIS_HOST = \"{service.redis.host}\", "
         "REDIS_PORT = \"{service.redis.port}\" }\n"
      << "[endpoint.ping]\npath = \"/\"\ndatabase = false\nexpect = { body = \"PONG\" }\n";
  const fs::path scenario = folder_ / "counter.toml";
  std::ofstream(scenario) << "schema = 1\nname = \"counter\"\ntarget.use = \"./counter\"\n"
                             "load = { connections = 2, warmup = \"50ms\", measure = \"300ms\" }\n"
                             "design.blocks = 1\nservice.redis.params = { maxmemory_mb = 8 }\n";
  Program program = run(scenario);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  const base::Json trial = only_trial(report.at("cells").at(0));
  EXPECT_THAT(trial.at("requests").at("errors"), IsEmpty()) << reasons(trial) << program.err();
  EXPECT_GT(trial.at("requests").at("ok"), 0);
  EXPECT_GE(trial.at("services").at("redis").at("peak_rss_bytes"), 1'000'000);
}

TEST_F(ServicesTest, AServiceThatEndsUnderLoadFailsTheTrialWithItsLog) {
  if (lacks("redis-server")) GTEST_SKIP() << "redis-server is not installed";
  write_service("mortal", R"(
[serve]
command = ["sh", "-c", "echo not long for this world; timeout 2.5 redis-server --port $1 --save \"\" > /dev/null; exit 3",
           "mortal", "{port}"]
)");
  ToyBench bench;
  bench.measure = "20s";
  const fs::path scenario = write_toy_bench(folder_, bench);
  std::string target = base::read_file(folder_ / "toy" / "target.toml").value_or("");
  target.insert(target.find("default_endpoint"), "needs = [\"mortal\"]\n");
  std::ofstream(folder_ / "toy" / "target.toml") << target;
  Program program = run(scenario);
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  const base::Json report = this->report();
  const base::Json trial = only_trial(report.at("cells").at(0));
  EXPECT_EQ(trial.at("status"), "failed");
  EXPECT_THAT(reasons(trial), AllOf(HasSubstr("service mortal ended (exit status 3) under load"),
                                    HasSubstr("not long for this world")));
}

TEST_F(ServicesTest, AServiceThatNeverGetsReadyFailsTheTrialWithWhatLibpqSays) {
  write_service("deaf", R"(
[serve]
command = ["sh", "-c", "echo I shall not answer; exec sleep 60", "{upstream.host}", "{port}"]
stop_grace = "1s"
[ready]
timeout = "1s"
)");
  Program program = run(over("via = \"deaf\""));
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  const std::string why = reasons(only_trial(report().at("cells").at(0)));
  EXPECT_THAT(why, AllOf(HasSubstr("no session with PostgreSQL through service deaf within 1.0 s"),
                         HasSubstr("I shall not answer"), HasSubstr("refused")));
}

TEST_F(ServicesTest, AMissingProgramIsSaidBeforeAnythingIsStarted) {
  write_service("absent",
                "install = \"get it at the shop\"\n[serve]\n"
                "command = [\"no-such-pooler\", \"{port}\", \"{upstream.host}\"]\n");
  Program program = run(over("via = \"absent\""));
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("service absent needs the program no-such-pooler"),
                                   HasSubstr("get it at the shop")));
}

TEST_F(ServicesTest, InTurnsEachTrialHasServicesOfItsOwn) {
  if (lacks("pgbouncer")) GTEST_SKIP() << "pgbouncer is not installed";
  ToyBench bench = over("via = \"pgbouncer\"",
                        "[matrix]\n\"service.pgbouncer.params.default_pool_size\" = [1, 2]\n");
  bench.design = "slice = \"50ms\"";
  Program program = run(bench);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  for (const base::Json& cell : report.at("cells")) {
    const base::Json trial = only_trial(cell);
    EXPECT_GT(trial.at("services").at("pgbouncer").at("peak_rss_bytes"), 0) << reasons(trial);
  }
}

}  // namespace
}  // namespace poolbench::e2e
