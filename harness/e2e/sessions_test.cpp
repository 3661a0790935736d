#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class SessionsTest : public E2eTest {};

/// Most sessions of trial databases at once, counted from the log's lines with nothing of
/// poolbench: a process is one of them from its "connection received" on if a later line says so.
int peak_in_log(const fs::path& log) {
  const std::regex line(R"(^\S+ \S+ \S+ \[(\d+)\] \S+ (LOG|FATAL):  (.*)$)");
  std::map<int, int> begin;                // sequence number of the latest begin, by process
  std::map<int, std::pair<int, int>> all;  // of sessions, by that number: begin and end
  std::ifstream file(log);
  std::string text;
  for (int now = 0; std::getline(file, text); ++now) {
    std::smatch found;
    if (!std::regex_match(text, found, line)) continue;
    const int pid = std::stoi(found[1]);
    const std::string words = found[3];
    if (words.starts_with("connection received")) begin[pid] = now;
    const bool is_ours = text.find("poolbench_trial_") != std::string::npos;
    if (is_ours && words.starts_with("connection authorized"))
      all[begin[pid]] = {begin[pid], 1 << 30};
    if (is_ours && (found[2] == "FATAL" || words.starts_with("disconnection"))) {
      all[begin[pid]] = {begin[pid], now};
    }
  }
  int peak = 0;
  for (const auto& [key, one] : all) {
    int at_once = 0;
    for (const auto& [other_key, other] : all) {
      at_once += other.first <= one.first && one.first < other.second ? 1 : 0;
    }
    peak = std::max(peak, at_once);
  }
  return peak;
}

TEST_F(SessionsTest, PeakConnectionsAreThoseOfTheServersOwnLog) {
  Program program = run(with_database(6));
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const base::Json database = report().at("cells").at(0).at("trials").at(0).at("database");
  EXPECT_EQ(database.at("peak_connections_source"), "log");
  EXPECT_EQ(database.at("peak_connections"),
            peak_in_log(report_file().parent_path() / "postgres.log"));
  EXPECT_EQ(database.at("refused_connections"), 0);
  EXPECT_GT(database.at("sessions_opened"), 0);
}

TEST_F(SessionsTest, WhereTheScenarioHidesTheLinesThePeakIsSampledAndSaidToBe) {
  ToyBench bench = with_database(4);
  bench.postgres = "settings = { log_disconnections = false }";
  Program program = run(bench);
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_EQ(trial.at("database").at("peak_connections_source"), "samples");
  EXPECT_EQ(trial.at("database").at("refused_connections"), nullptr);
  EXPECT_THAT(program.out(), HasSubstr("log_disconnections is \"off\""));
}

TEST_F(SessionsTest, RefusedConnectionsAreNamedAsTheCauseOfFailedAnswers) {
  ToyBench bench = with_database(10);
  bench.postgres = "settings = { max_connections = 7 }";  // three of them not for ordinary roles
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("database").at("refused_connections"), 0);
  EXPECT_THAT(trial.at("reasons").at(0).get<std::string>(),
              AllOf(HasSubstr("PostgreSQL refused"), HasSubstr("remaining connection slots"),
                    HasSubstr("max_connections")));
  expect_nothing_left(program);
}

TEST_F(SessionsTest, ATargetThatAsksAnotherDatabaseFailsItsTrial) {
  ToyBench bench = with_database(2);
  bench.params = "conninfo = \"dbname=postgres\"";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json cell = report().at("cells").at(0);
  EXPECT_EQ(cell.at("status"), "failed");
  EXPECT_THAT(cell.at("error").get<std::string>(), HasSubstr("own database saw no session"));
}

TEST_F(SessionsTest, ARequestThatOpensOneCountsAsOneWhateverIsUnderWayAtTheWindowsEnds) {
  ToyBench bench = with_database(6);
  bench.work_ms = 300;  // all six at a time: what ends within the window is three times six
  bench.warmup = "450ms";
  bench.measure = "900ms";
  Program program = run(bench);
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_NEAR(trial.at("database").at("sessions_per_request").get<double>(), 1, 0.1);
  EXPECT_EQ(trial.at("requests").at("ended_in_window"), 18);
}

}  // namespace
}  // namespace poolbench::e2e
