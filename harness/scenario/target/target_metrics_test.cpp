#include "scenario/target/target_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

using report::Better;
using report::MetricKind;
using report::MetricSource;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

struct ReadMetrics {
  std::vector<MetricSpec> metrics;
  std::vector<Diagnostic> mistakes;
};

ReadMetrics read(const std::string& text, const MetricOwner& owner = {.prefix = "target."}) {
  Mistakes mistakes;
  ReadMetrics result;
  const auto source = source_of(text);
  const auto root = parse_toml(source->text, source, mistakes);
  if (root) {
    TableReader top(&*root, "", root->place, mistakes);
    result.metrics = read_metrics(top, owner);
    top.refuse_unknown();
  }
  result.mistakes = mistakes.in_order();
  return result;
}

/// What is said of a metric with these lines, with its place.
std::string mistake(const std::string& lines) {
  const auto found = read("[[metric]]\nname = \"m\"\nunit = \"ms\"\n" + lines).mistakes;
  if (found.empty()) return {};
  return std::to_string(found.front().line) + ":" + std::to_string(found.front().column) + ": " +
         found.front().message + " / " + found.front().next;
}

TEST(TargetMetrics, HasEachKindOfSource) {
  const auto result = read(R"(
[[metric]]
name = "requests_num"
unit = "connections"
better = "lower"
margin = 0.1
kind = "counter"
per = "request"
http_json = "/pool-stats"
pointer = "/requests_num"
combine = "max"
[[metric]]
name = "dead_rows"
unit = "rows"
kind = "gauge"
sql = "SELECT 1 AS a, 2 AS b"
column = "b"
[[metric]]
name = "queries"
unit = "queries"
kind = "counter"
per = "second"
prometheus = "/metrics"
metric = "queries_total"
labels = { database = "app" }
[[metric]]
name = "slow"
unit = "lines"
kind = "counter"
per = "request"
log = "took [0-9]+ s"
)");
  ASSERT_THAT(result.mistakes, IsEmpty()) << result.mistakes.front().message;
  ASSERT_EQ(result.metrics.size(), 4U);
  const MetricSpec& first = result.metrics[0];
  EXPECT_EQ(first.name, "target.requests_num");
  EXPECT_EQ(first.better, Better::kLower);
  EXPECT_EQ(first.margin, 0.1);
  EXPECT_EQ(first.pointer, "/requests_num");
  EXPECT_TRUE(first.takes_largest);
  EXPECT_EQ(result.metrics[1].source, MetricSource::kSql);
  EXPECT_EQ(result.metrics[1].column, "b");
  EXPECT_EQ(result.metrics[1].better, Better::kNeither);
  EXPECT_EQ(result.metrics[1].margin, 0.05);
  EXPECT_THAT(result.metrics[2].labels, ElementsAre(Pair("database", "app")));
  EXPECT_EQ(result.metrics[3].source, MetricSource::kLog);
}

TEST(TargetMetrics, AGaugeGivesItsMeanAndItsMaximum) {
  MetricSpec spec;
  spec.name = "target.size";
  spec.unit = "connections";
  spec.kind = MetricKind::kGauge;
  const auto declared = declared_by(spec);
  ASSERT_EQ(declared.size(), 2U);
  EXPECT_EQ(declared[0].name, "target.size_mean");
  EXPECT_EQ(declared[1].name, "target.size_max");
  spec.kind = MetricKind::kCounter;
  EXPECT_EQ(declared_by(spec).front().name, "target.size");
}

TEST(TargetMetrics, ASourceIsNamedOnce) {
  const std::string counter = "kind = \"counter\"\nper = \"request\"\n";
  EXPECT_THAT(mistake(counter), HasSubstr("say where the values come from"));
  EXPECT_THAT(mistake(counter + "sql = \"SELECT 1\"\nlog = \"x\"\n"),
              HasSubstr("7:7: metric.log is a second source beside sql"));
  EXPECT_THAT(mistake(counter + "sql = \"SELECT 1\"\npointer = \"/a\"\n"),
              HasSubstr("7:11: metric.pointer goes with http_json alone"));
  EXPECT_THAT(mistake(counter + "log = \"x\"\ncombine = \"sum\"\n"),
              HasSubstr("metric.combine does not go with log"));
}

TEST(TargetMetrics, EachSourceIsChecked) {
  const std::string counter = "kind = \"counter\"\nper = \"request\"\n";
  EXPECT_THAT(mistake(counter + "http_json = \"/s\"\n"), HasSubstr("pointer"));
  EXPECT_THAT(mistake(counter + "http_json = \"/s\"\npointer = \"a\"\n"),
              HasSubstr("7:11: metric.pointer is no JSON pointer"));
  EXPECT_THAT(mistake(counter + "http_json = \"stats\"\npointer = \"/a\"\n"),
              HasSubstr("6:13: metric.http_json is no path: \"stats\""));
  EXPECT_THAT(mistake(counter + "prometheus = \"/m\"\n"), HasSubstr("metric.metric"));
  EXPECT_THAT(mistake(counter + "log = \"(\"\n"), HasSubstr("6:7: metric.log is no regular"));
  EXPECT_THAT(mistake(counter + "log = \"(a)(b)\"\n"), HasSubstr("metric.log has 2 groups"));
  EXPECT_THAT(mistake("kind = \"gauge\"\nlog = \"a\"\n"), HasSubstr("has no group"));
  EXPECT_THAT(mistake(counter + "sql = \"SELECT 1\"\nspeed = 1\n"), HasSubstr("speed"));
}

TEST(TargetMetrics, KindAndPerGoTogether) {
  EXPECT_THAT(mistake("sql = \"SELECT 1\"\n"), HasSubstr("\"counter\" or \"gauge\""));
  EXPECT_THAT(mistake("kind = \"counter\"\nsql = \"SELECT 1\"\n"),
              HasSubstr("\"request\" or \"second\""));
  EXPECT_THAT(mistake("kind = \"gauge\"\nper = \"second\"\nsql = \"SELECT 1\"\n"),
              HasSubstr("5:7: metric.per goes with a counter alone"));
  EXPECT_EQ(mistake("kind = \"gauge\"\nsql = \"SELECT 1\"\n"), "");
}

TEST(TargetMetrics, TheMeasuredServerIsNotAskedUnderLoad) {
  const std::string gauge = "kind = \"gauge\"\nhttp_json = \"/s\"\npointer = \"/a\"\n";
  EXPECT_THAT(mistake(gauge), HasSubstr("4:8: metric.kind = \"gauge\" would have the measured "
                                        "server asked every 100 ms"));
  const auto other = read("[[metric]]\nname = \"m\"\nunit = \"ms\"\n" + gauge,
                          {.prefix = "service.pgbouncer.", .is_service = true});
  EXPECT_THAT(other.mistakes, IsEmpty());
  EXPECT_EQ(other.metrics.front().name, "service.pgbouncer.m");
}

/// A metric of that name, and another after it.
std::string mistake_of_names(const std::string& name, const std::string& kind,
                             const std::string& second = "other") {
  const std::string rest = "unit = \"ms\"\nsql = \"SELECT 1\"\n";
  const std::string per = kind == "counter" ? "per = \"second\"\n" : "";
  const auto found = read("[[metric]]\nname = \"" + name + "\"\n" + rest + "kind = \"" + kind +
                          "\"\n" + per + "[[metric]]\nname = \"" + second + "\"\n" + rest +
                          "kind = \"counter\"\nper = \"second\"\n")
                         .mistakes;
  return found.empty() ? "" : found.front().message;
}

TEST(TargetMetrics, NamesAreTheirOwn) {
  EXPECT_THAT(mistake_of_names("Waits", "gauge"), HasSubstr("metric.name cannot be \"Waits\""));
  EXPECT_THAT(mistake_of_names("a.b", "gauge"), HasSubstr("cannot be"));
  EXPECT_THAT(mistake_of_names("error_ratio", "counter"), HasSubstr("that of a built-in metric"));
  EXPECT_THAT(mistake_of_names("other", "counter"), HasSubstr("there is already: \"other\""));
  EXPECT_THAT(mistake_of_names("other", "gauge", "other_max"), HasSubstr("\"other_max\""));
  EXPECT_EQ(mistake_of_names("other", "gauge"), "");
}

/// Targets of that name declare a metric in this unit.
TargetLoader targets_with_units(const std::map<std::string, std::string>& units) {
  std::map<std::string, std::shared_ptr<const TargetSpec>> targets;
  for (const auto& [name, unit] : units) {
    Mistakes mistakes;
    auto spec = read_target(
        source_of("schema = 2\nname = \"" + name +
                  "\"\ndefault_endpoint = \"q\"\nserve = { command = [\"run\"] }\n"
                  "endpoint.q = { path = \"/\" }\n[[metric]]\nname = \"rows\"\nunit = \"" +
                  unit + "\"\nkind = \"gauge\"\nsql = \"SELECT 1\"\n"),
        "/", mistakes);
    EXPECT_TRUE(spec.has_value()) << to_text(mistakes.in_order());
    targets[name] = std::make_shared<const TargetSpec>(*std::move(spec));
  }
  return [targets](const Setting& use, Mistakes&) { return targets.at(use.text()); };
}

constexpr const char* kTwoTargets = R"(schema = 1
name = "t"
target.use = "one"
[matrix]
"target.use" = ["one", "two"]
[[hypothesis]]
claim = "few rows"
metric = "target.rows_max"
cell = { use = "one" }
at_most = 5
)";

TEST(TargetMetrics, StandInTheScenariosQuestions) {
  const auto scenario = expand(source_of(kTwoTargets), all_generators(), {},
                               targets_with_units({{"one", "rows"}, {"two", "rows"}}));
  ASSERT_TRUE(scenario.has_value()) << to_text(scenario.error());
  EXPECT_EQ(scenario->metrics.size(), 2U);
  EXPECT_EQ(scenario->hypotheses.front().metric, "target.rows_max");
}

TEST(TargetMetrics, TwoTargetsMayNotDeclareOneDifferently) {
  const auto scenario = expand(source_of(kTwoTargets), all_generators(), {},
                               targets_with_units({{"one", "rows"}, {"two", "kB"}}));
  ASSERT_FALSE(scenario.has_value());
  EXPECT_THAT(
      to_text(scenario.error()),
      HasSubstr("t.toml:5:24: the target two declares the metric target.rows_mean otherwise"));
}

}  // namespace
}  // namespace poolbench::scenario
