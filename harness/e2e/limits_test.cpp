// Who is the limit, on a machine that others use: neither a busy machine nor a slow target is taken
// for a generator at its limit, and one that is at its limit is not taken for them.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "e2e/fixture.h"
#include "generator/fake_server.h"

namespace poolbench::e2e {
namespace {

using namespace std::chrono_literals;
using generator::FakeServer;
using generator::Peer;

/// So many processes that only compute, as long as this lives.
class BusyLoops {
 public:
  explicit BusyLoops(int count) {
    for (int i = 0; i < count; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile std::uint64_t sum = 0;;) sum = sum + 1;
      }
      pids_.push_back(pid);
    }
  }
  BusyLoops(const BusyLoops&) = delete;
  BusyLoops& operator=(const BusyLoops&) = delete;
  ~BusyLoops() {
    for (const pid_t pid : pids_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }

 private:
  std::vector<pid_t> pids_;
};

void answer_at_once(Peer& peer) {
  while (peer.request()) peer.answer("hello");
}

class LimitsTest : public E2eTest {
 protected:
  [[nodiscard]] base::Json load(const FakeServer& server, std::vector<std::string> options,
                                int exit_code = 0) const {
    options.insert(
        options.begin(),
        {"load", "http://127.0.0.1:" + std::to_string(server.endpoint().port) + "/", "--json"});
    Program program(folder_, options);
    EXPECT_EQ(program.wait(), exited(exit_code)) << program.err();
    return base::Json::parse(program.out(), nullptr, false);
  }
};

TEST_F(LimitsTest, EightOpenLoopTrialsBesideTwoBusyLoopsAreGood) {
  const BusyLoops loops(2);
  ToyBench bench;
  bench.measure = "2s";
  bench.blocks = 2;
  bench.more = "[matrix]\n\"load.rate\" = [50, 80, 120, 150]\n";
  Program program = run(bench, {"--set", "load.connections=10"});
  EXPECT_EQ(program.wait(), exited(0)) << program.out() << program.err();
  const base::Json report = this->report();
  int good = 0;
  for (const base::Json& cell : report.at("cells")) {
    EXPECT_EQ(cell.at("status"), "ok") << cell.at("error");
    for (const base::Json& trial : cell.at("trials")) {
      EXPECT_EQ(trial.at("generator_limited"), false) << trial.at("generator_limited_reasons");
      EXPECT_NE(trial.at("status"), "failed") << reasons(trial);
      good += trial.at("status") == "ok" ? 1 : 0;
    }
  }
  EXPECT_EQ(good, 8);
}

TEST_F(LimitsTest, AGeneratorAtItsLimitIsCaughtEachTime) {
  const FakeServer server(answer_at_once);
  for (int time = 0; time < 5; ++time) {
    const base::Json m =
        load(server, {"--rate", "400000", "--measure", "500ms", "--connections", "20"});
    if (m.at("generator_limited") == true) {
      EXPECT_THAT(m.at("generator_limited_reasons").dump(), HasSubstr("% busy"));
      continue;
    }
    // Others had most of the processor: then it is the machine, and no more a good measurement.
    EXPECT_LT(m.at("details").at("busiest_thread_ratio"), 0.5) << m.at("details");
    EXPECT_GT(m.at("generator_delay_ratio"), 0.2) << m.at("details");
  }
}

TEST_F(LimitsTest, ATargetThatIsTooSlowIsNoLimitOfTheGenerator) {
  const FakeServer server([](Peer& peer) {
    while (peer.request()) {
      std::this_thread::sleep_for(20ms);
      peer.answer("hello");
    }
  });
  const base::Json m = load(server, {"--rate", "500", "--measure", "1s", "--connections", "2",
                                     "--queue", "50", "--timeout", "2s"});
  EXPECT_EQ(m.at("generator_limited"), false) << m.at("generator_limited_reasons");
  EXPECT_LT(m.at("throughput_requests_per_second"), 110);
}

TEST_F(LimitsTest, AServerThatRefusesEverythingIsNotTheGeneratorsFault) {
  std::uint16_t closed_port = 0;
  {
    const FakeServer server(answer_at_once);
    closed_port = server.endpoint().port;
  }
  const BusyLoops loops(2);
  Program program(folder_, {"load", "http://127.0.0.1:" + std::to_string(closed_port) + "/",
                            "--measure", "1s", "--json"});
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json m = base::Json::parse(program.out(), nullptr, false);
  EXPECT_EQ(m.at("generator_limited"), false) << m.at("generator_limited_reasons");
  EXPECT_TRUE(m.at("generator_delay_ratio").is_null());
  EXPECT_THAT(m.at("warnings").dump(), Not(HasSubstr("the machine was busy")));
}

/// A server of which four connections get about 500 answers a second.
void answer_after_8ms(Peer& peer) {
  while (peer.request()) {
    std::this_thread::sleep_for(8ms);
    peer.answer("hello");
  }
}

TEST_F(LimitsTest, FindRateBesideBusyLoopsFindsTheRateOrRefuses) {
  const FakeServer server(answer_after_8ms);
  const BusyLoops loops(2);
  Program program(folder_,
                  {"load", "http://127.0.0.1:" + std::to_string(server.endpoint().port) + "/",
                   "--connections", "4", "--find-rate", "p90=100ms", "--measure", "1s", "--json"});
  const Ending ending = program.wait();
  const base::Json found = base::Json::parse(program.out(), nullptr, false);
  if (ending == exited(3)) {
    EXPECT_THAT(found.at("refusal").get<std::string>(), HasSubstr("the server was not the limit"));
    EXPECT_TRUE(found.at("rate_requests_per_second").is_null());
    return;
  }
  EXPECT_EQ(ending, exited(0)) << program.err();
  const double capacity = found.at("closed_loop_requests_per_second");
  EXPECT_GT(found.at("rate_requests_per_second"), 0.6 * capacity) << found;
  const base::Json& missed = found.at("missed_requests_per_second");
  if (!missed.is_null()) {
    EXPECT_GT(missed, found.at("rate_requests_per_second"));
  }
}

}  // namespace
}  // namespace poolbench::e2e
