// Metrics that a target declares, from their sources to the report and what is read of it.
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

std::string metric(const std::string& name, const std::string& rest) {
  return "[[metric]]\nname = \"" + name + "\"\nunit = \"things\"\n" + rest + "\n";
}

constexpr const char* kPerRequest = "kind = \"counter\"\nper = \"request\"\n";

class MetricsTest : public E2eTest {
 protected:
  static ToyBench toy_with_metrics() {
    const std::string counter = kPerRequest, gauge = "kind = \"gauge\"\n";
    ToyBench bench;
    bench.warmup = "400ms";
    bench.measure = "1s";
    bench.params = "fault = \"log-answers\"";
    bench.metrics =
        metric("told", counter + "http_json = \"/stats\"\npointer = \"/till/answers\"") +
        metric("exposed", counter +
                              "prometheus = \"/metrics\"\nmetric = "
                              "\"toy_answers_total\"\nlabels = { kind = \"page\" }") +
        metric("logged", counter + "log = \"toy: sold\"") +
        metric("loaves", gauge + "log = \"sold ([0-9]+) loaves\"") +
        metric("sessions", gauge +
                               "sql = \"SELECT count(*) AS n, 7 AS other FROM "
                               "pg_stat_activity WHERE datname = current_database()\"\n"
                               "column = \"n\"") +
        metric("seconds",
               "kind = \"counter\"\nper = \"second\"\nsql = \"SELECT extract(epoch "
               "FROM clock_timestamp())\"") +
        metric("broken", counter + "sql = \"SELECT nothing\"") +
        metric("absent", counter + "http_json = \"/stats\"\npointer = \"/till/none\"");
    return bench;
  }
  base::Json trial() const { return report().at("cells").at(0).at("trials").at(0); }
};

TEST_F(MetricsTest, EachSourceGivesItsFigure) {
  Program program = run(toy_with_metrics());
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json metrics = trial().at("metrics");
  const auto value = [&](const char* name) { return metrics.at(name).get<double>(); };
  EXPECT_NEAR(value("target.told"), 1, 0.1);
  EXPECT_NEAR(value("target.exposed"), 1, 0.1);
  EXPECT_NEAR(value("target.logged"), 1, 0.1);
  EXPECT_EQ(value("target.loaves_mean"), 3);
  EXPECT_EQ(value("target.loaves_max"), 3);
  EXPECT_EQ(value("target.sessions_mean"), 1) << "that of poolbench alone";
  EXPECT_NEAR(value("target.seconds"), 1, 0.02);
}

TEST_F(MetricsTest, ASourceThatFailsIsNullWithTheReason) {
  Program program = run(toy_with_metrics());
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json metrics = trial().at("metrics"), missing = trial().at("missing");
  EXPECT_TRUE(metrics.at("target.broken").is_null());
  EXPECT_THAT(missing.at("metrics.target.broken").get<std::string>(), HasSubstr("\"nothing\""));
  EXPECT_TRUE(metrics.at("target.absent").is_null());
  EXPECT_THAT(missing.at("metrics.target.absent").get<std::string>(),
              HasSubstr("nothing at /till/none"));
  EXPECT_THAT(program.out() + program.err(), HasSubstr("target.told things/request"));
}

TEST_F(MetricsTest, PoolbenchsOwnSessionIsNoneOfTheTargets) {
  Program program = run(toy_with_metrics());
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json database = trial().at("database");
  EXPECT_EQ(database.at("peak_connections"), 0);
  EXPECT_EQ(database.at("sessions_opened"), 0);
  for (const auto& sample : database.at("connections_series")) EXPECT_EQ(sample, 0);
}

TEST_F(MetricsTest, TheReportAloneIsEnoughForWhoReadsIt) {
  ToyBench bench = toy_with_metrics();
  bench.blocks = 6;
  bench.measure = "300ms";
  bench.more = quick_and_slow("target.params.answer_delay_ms = 4") + R"(
[[compare]]
name = "what slowness costs"
baseline = { variant = "quick" }
candidate = { variant = "slow" }
metrics = ["target.told", "target.loaves_mean"]
[[hypothesis]]
claim = "each answer is told of once"
metric = "target.told"
cell = { variant = "slow" }
between = [0.8, 1.2]
)";
  Program program = run(bench);
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json report = this->report();
  EXPECT_EQ(report.at("metrics").at("target.told").at("per"), "request");
  EXPECT_EQ(report.at("comparisons").at(1).at("metric"), "target.loaves_mean");
  EXPECT_EQ(report.at("comparisons").at(1).at("verdict"), "no_change");
  EXPECT_EQ(report.at("hypotheses").at(0).at("verdict"), "confirmed");
  const std::string file = report_file().string();
  Program verify(folder_, {"verify", file}), show(folder_, {"show", "--metrics", file}),
      diff(folder_, {"diff", file, file, "--metric", "target.told"});
  EXPECT_EQ(verify.wait(), exited(0)) << verify.out() << verify.err();
  EXPECT_EQ(show.wait(), exited(0));
  EXPECT_THAT(show.out(), AllOf(HasSubstr("target.told things/request"), HasSubstr("p50 ms")));
  EXPECT_EQ(diff.wait(), exited(0)) << diff.err();
  EXPECT_THAT(diff.out(), HasSubstr("target.told things/request"));
}

TEST_F(MetricsTest, PostgresTellsWhatItsSessionsDo) {
  ToyBench bench = with_database(3);
  bench.work_ms = 40;  // with its session open, and idle
  bench.measure = "1s";
  Program program = run(bench);
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json database = trial().at("database");
  const auto& activity = database.at("activity");
  EXPECT_GT(activity.at("idle").at("mean"), 0);
  EXPECT_LE(activity.at("idle").at("max"), 3);
  EXPECT_EQ(activity.at("idle_in_transaction").at("max"), 0);
  EXPECT_GE(database.at("wal_bytes"), 0);
  EXPECT_EQ(database.at("deadlocks"), 0);
}

TEST_F(MetricsTest, InTurnsNothingIsAskedWithinASlice) {
  ToyBench bench = toy_with_metrics();
  bench.design = "slice = \"100ms\"";
  bench.more = quick_and_slow("target.params.answer_delay_ms = 4");
  Program program = run(bench);
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json whole = report();
  for (const auto& cell : whole.at("cells")) {
    const base::Json metrics = cell.at("trials").at(0).at("metrics");
    EXPECT_NEAR(metrics.at("target.told").get<double>(), 1, 0.15) << cell.at("id");
    EXPECT_NEAR(metrics.at("target.logged").get<double>(), 1, 0.15) << cell.at("id");
    EXPECT_EQ(metrics.at("target.sessions_max"), 1);
  }
}

}  // namespace
}  // namespace poolbench::e2e
