// The load generator as a program of its own.
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "e2e/fixture.h"
#include "generator/fake_server.h"

namespace poolbench::e2e {
namespace {

using namespace std::chrono_literals;
using generator::FakeServer;
using generator::Peer;

void answer_after_1ms(Peer& peer) {
  while (peer.request()) {
    std::this_thread::sleep_for(1ms);
    peer.answer("hello");
  }
}

class LoadTest : public E2eTest {
 protected:
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.endpoint().port) + "/";
  }
  [[nodiscard]] base::Json measure(std::vector<std::string> options) const {
    options.insert(options.begin(), {"load", url(), "--json"});
    Program program(folder_, options);
    EXPECT_EQ(program.wait(), exited(0)) << program.err();
    return base::Json::parse(program.out(), nullptr, false);
  }

  const FakeServer server_{answer_after_1ms};
};

/// Of the environment in which tools/test has installed the reference library.
fs::path reference_python() {
  const char* python = std::getenv("POOLBENCH_REFERENCE_PYTHON");
  return python == nullptr ? "" : python;
}

TEST_F(LoadTest, SendsWhatTheServerCounts) {
  const base::Json m = measure({"--requests", "200", "--connections", "4", "--expect-length", "5"});
  EXPECT_EQ(m.at("requests").at("sent"), 200);
  EXPECT_EQ(m.at("requests").at("ok"), 200);
  EXPECT_EQ(server_.requests(), 200);
  EXPECT_EQ(server_.connections(), 4);
}

TEST_F(LoadTest, TheReferenceLibraryReadsItsHistogram) {
  if (reference_python().empty()) {
    GTEST_SKIP() << "POOLBENCH_REFERENCE_PYTHON names no Python that has hdrhistogram";
  }
  const base::Json m = measure({"--requests", "300", "--connections", "3"});
  const auto encoded = m.at("latency_hdr_v2_base64").get<std::string>();
  const auto script = fs::path(POOLBENCH_SOURCE_DIR) / "harness/e2e/read_histogram.py";
  const auto out = folder_ / "numbers";
  const std::string command = reference_python().string() + " '" + script.string() + "' '" +
                              encoded + "' > '" + out.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const base::Json read = base::Json::parse(base::read_file(out).value_or(""), nullptr, false);
  EXPECT_EQ(read.at("count"), 300);
  EXPECT_EQ(read.at("p50"), m.at("latency_us").at("p50"));
  EXPECT_EQ(read.at("max"), m.at("latency_us").at("max"));
  EXPECT_NEAR(read.at("mean").get<double>(), m.at("latency_us").at("mean").get<double>(), 1e-6);
}

TEST_F(LoadTest, ASignalEndsItWithWhatWasMeasuredUntilThen) {
  Program program(folder_, {"load", url(), "--measure", "60s"});
  while (server_.requests() < 50) std::this_thread::sleep_for(1ms);
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(10s), exited(130));
  EXPECT_THAT(program.out(), AllOf(HasSubstr("closed loop, 50 connections"), HasSubstr("p50")));
}

TEST_F(LoadTest, HasItsOwnHelpAndRefusesBadUsage) {
  Program help(folder_, {"load", "--help"});
  EXPECT_EQ(help.wait(), exited(0));
  EXPECT_THAT(help.out(), AllOf(HasSubstr("poolbench load"), HasSubstr("--find-rate")));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"load"},
                                                {"load", url(), "--rate", "-1"},
                                                {"load", url(), "--requests", "0"},
                                                {"load", url(), "--expect-length", "-1"},
                                                {"load", url(), "--rate", "1e9"},
                                                {"load", url(), "--rate", "1e300"},
                                                {"load", url(), "--connections", "10001"},
                                                {"load", url(), "--measure", "5"},
                                                {"load", url(), "--measure", "25h"},
                                                {"load", url(), "--ca-file", "/dev/null"},
                                                {"load", "ftp://127.0.0.1/"}}) {
    Program program(folder_, words);
    EXPECT_EQ(program.wait(), exited(2)) << words.back();
    EXPECT_NE(program.err(), "");
    EXPECT_LT(program.err().size(), 300U) << "and no number of 300 digits";
  }
}

/// The exit status of the generator that reads the file as its job; it prints to "out" and "err".
int run_job(const fs::path& folder, const std::string& job) {
  EXPECT_TRUE(base::write_file_atomically(folder / "job.json", job));
  const auto program = fs::path(POOLBENCH_PROGRAM).replace_filename("poolbench-load").string();
  const std::string in = " '" + folder.string() + "/";
  const int status = std::system(
      ("'" + program + "' --job <" + in + "job.json' >" + in + "out' 2>" + in + "err'").c_str());
  return WEXITSTATUS(status);
}

TEST_F(LoadTest, AJobOfAnyLengthIsReadFromStdin) {
  base::Json job;
  job["server"]["port"] = server_.endpoint().port;
  job["request_count"] = 10;
  base::Json& request = job["requests"][0];
  request["method"] = "PUT";
  request["headers"][0] = base::Json::array({"X-Filling", std::string(4096, 'x')});
  request["body"] = std::string(std::size_t{200} << 10U, 'y');
  request["expect"]["body"] = "hello";
  ASSERT_EQ(run_job(folder_, job.dump()), 0) << base::read_file(folder_ / "err").value_or("");
  const std::string out = base::read_file(folder_ / "out").value_or("");
  EXPECT_THAT(out, testing::StartsWith("{\"phase\":\"measure\"}\n"));
  EXPECT_THAT(out, HasSubstr("\"sent\":10,\"ok\":10"));
  EXPECT_EQ(server_.requests(), 10);
}

TEST_F(LoadTest, AJobThatIsWrongIsRefusedWithTheNameOfItsMember) {
  EXPECT_EQ(run_job(folder_, R"({"requests": [{"weight": "much"}]})"), 2);
  EXPECT_THAT(base::read_file(folder_ / "err").value_or(""),
              HasSubstr("in the job requests[0].weight should be a number"));
  EXPECT_EQ(run_job(folder_, "{"), 2);
}

TEST_F(LoadTest, AReportHasTheHashOfTheProgramThatMadeTheLoad) {
  Program program = run(ToyBench{});
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  const auto generator = fs::path(POOLBENCH_PROGRAM).replace_filename("poolbench-load");
  EXPECT_EQ(report().at("environment").at("generator").at("sha256"),
            base::sha256_hex(base::read_file(generator).value_or("")));
}

}  // namespace
}  // namespace poolbench::e2e
