// What somebody does first: look at the machine, bring an application of one's own, check it,
// measure it.
#include <fmt/format.h>

#include <fstream>
#include <set>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsSubsetOf;

/// An application as somebody may have it: nothing of it knows poolbench.
constexpr const char* kServer = R"(import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"Teapot\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

DATABASE = os.environ.get("PGDATABASE")
print("the shop opens", flush=True)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
)";

class FirstStepsTest : public E2eTest {
 protected:
  /// A folder of its own, with the application in it.
  [[nodiscard]] fs::path write_shop() const {
    fs::create_directory(folder_ / "shop");
    std::ofstream(folder_ / "shop" / "server.py") << kServer;
    std::ofstream(folder_ / "shop" / "Procfile") << "web: python3 server.py\n";
    return folder_ / "shop";
  }
  /// Puts a text in the place of another that is in the file.
  static void edit(const fs::path& file, const std::string& before, const std::string& after) {
    std::string text = base::read_file(file).value_or("");
    const std::size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << before << " in " << text;
    ASSERT_TRUE(base::write_file_atomically(file, text.replace(at, before.size(), after)));
  }
};

TEST_F(FirstStepsTest, AnApplicationFromOutsideComesToItsTable) {
  const fs::path shop = write_shop();
  const std::string scenario = (shop / "poolbench.toml").string();
  Program init = start({"init", shop.string()});
  ASSERT_EQ(init.wait(), exited(0)) << init.err();
  EXPECT_THAT(init.out(), AllOf(HasSubstr("taken for Procfile"), HasSubstr("run --check")));

  Program plan = start({"plan", scenario});
  EXPECT_EQ(plan.wait(), exited(0)) << plan.err();

  // It says that it asks a database, as is to be expected, and does not.
  Program suspicious = start({"run", "--check", scenario, "--only", "connections=10"});
  EXPECT_EQ(suspicious.wait(), exited(3)) << suspicious.err();
  expect_nothing_left(suspicious);
  EXPECT_THAT(suspicious.out(), AllOf(HasSubstr("failed  connections=10"),
                                      HasSubstr("saw no session"), HasSubstr("0 of 1 cells")));

  edit(shop / "target.toml", "expect = { status = 200 }",
       "expect = { status = 200, contains = \"Teapot\" }\ndatabase = false");
  Program check = start({"run", "--check", scenario});
  EXPECT_EQ(check.wait(), exited(0)) << check.out() << check.err();
  expect_nothing_left(check);
  EXPECT_THAT(check.out(), AllOf(ContainsRegex("ok      connections=10  ready in [0-9.]+ s"),
                                 HasSubstr("200, 7 bytes: Teapot"), HasSubstr("2 of 2 cells")));
  EXPECT_FALSE(fs::exists(folder_ / "results")) << "nothing of a check is kept";

  Program measured = start({"run", scenario, "--out", results().string(), "--blocks", "1",
                            "--measure", "200ms", "--set", "load.warmup=50ms"});
  measured.wait();
  EXPECT_EQ(report().at("outcome"), "completed") << measured.err();
  EXPECT_THAT(measured.out(), AllOf(HasSubstr("requests/s"), HasSubstr("connections=50")));
}

TEST_F(FirstStepsTest, ACheckTellsWhichCellFailsWithItsLastWords) {
  ToyBench bench;
  bench.more = quick_and_slow("target.params.fault = \"die-at-start\"");
  Program program = start({"run", "--check", write_toy_bench(folder_, bench).string()});
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  EXPECT_THAT(program.out(),
              AllOf(HasSubstr("ok      variant=quick  ready in"), HasSubstr("200, 5 bytes: hello"),
                    HasSubstr("failed  variant=slow   target ended (exit status 3)"),
                    HasSubstr("the till is locked"), HasSubstr("1 of 2 cells")));
  EXPECT_FALSE(fs::exists(results()));
}

TEST_F(FirstStepsTest, ACheckOfAnApplicationThatAsksItsDatabaseIsGood) {
  const auto scenario = write_toy_bench(folder_, with_database(2));
  Program program = start({"run", "--check", scenario.string()});
  EXPECT_EQ(program.wait(), exited(0)) << program.out() << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), HasSubstr("1 of 1 cells"));
}

TEST_F(FirstStepsTest, ACheckOfAMixNamesEveryEndpointWithItsRequestAndAnswer) {
  write_toy_bench(folder_, ToyBench{});
  const fs::path scenario = folder_ / "mixed.toml";
  ASSERT_TRUE(base::write_file_atomically(
      scenario,
      "schema = 1\nname = \"mixed\"\ntarget.use = \"./toy\"\n[load]\nmix = [{ endpoint = "
      "\"page\", weight = 9 }, { endpoint = \"ready\", weight = 1 }]\n"));
  Program program = start({"run", "--check", scenario.string()});
  EXPECT_EQ(program.wait(), exited(0)) << program.out() << program.err();
  EXPECT_THAT(program.out(),
              AllOf(HasSubstr("\n          page   GET /       200, 5 bytes: hello\n"),
                    HasSubstr("\n          ready  GET /ready  200, ")));
}

TEST_F(FirstStepsTest, ACheckKeepsNoReportSoThatOptionsOfOneAreRefused) {
  const auto scenario = write_toy_bench(folder_, ToyBench{});
  for (const char* option : {"--strict", "--max-time=1m", "--out=here"}) {
    Program program = start({"run", "--check", scenario.string(), option});
    EXPECT_EQ(program.wait(), exited(2)) << option;
  }
}

TEST_F(FirstStepsTest, TheDoctorLooksAtThisMachine) {
  Program json = start({"doctor", "--json"});
  const Ending ending = json.wait();
  const base::Json document = base::Json::parse(json.out());
  std::set<std::string> names, states;
  for (const base::Json& check : document.at("checks")) {
    names.insert(check.at("name"));
    states.insert(check.at("state"));
    EXPECT_NE(check.at("text"), "") << check;
    if (check.at("name") == "postgres") {
      EXPECT_EQ(check.at("state"), "ok") << check;
    }
  }
  EXPECT_TRUE(names.contains("cpu_governor") && names.contains("leftovers"));
  EXPECT_THAT(states, IsSubsetOf({"ok", "advice", "must_mend", "not_known"}));
  EXPECT_EQ(ending, exited(states.contains("must_mend") ? 3 : 0));
  expect_nothing_left(json);
}

TEST_F(FirstStepsTest, TheDoctorNamesAnotherRunAndWhereNothingCanBeWritten) {
  ToyBench bench;
  bench.measure = "20s";
  Program busy = run(bench);
  ASSERT_TRUE(busy.says("phase: measure")) << busy.err();
  Program doctor(folder_, {"doctor", "--out", "toys.toml/results"});
  EXPECT_EQ(doctor.wait(), exited(3));
  EXPECT_THAT(doctor.out(),
              AllOf(ContainsRegex("MEND    machine lock +another poolbench is measuring \\(run "),
                    ContainsRegex("MEND    results folder +/.*toys.toml is not a folder"),
                    ContainsRegex("ok      left-overs +none|advice  left-overs")));
  busy.signal(SIGINT);
  busy.wait();
}

}  // namespace
}  // namespace poolbench::e2e
