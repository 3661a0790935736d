// A figure that was changed by somebody who wrote the right content hash as well: the law is that
// it is found, unless nothing else in the report tells of it; which figures those are is listed
// here.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "compare/golden_fixture.h"
#include "compare/verify.h"
#include "compare/within_report.h"

namespace poolbench::compare {

/// For the messages of failing tests.
static void PrintTo(const Finding& finding, std::ostream* stream) {
  *stream << finding.where << " " << finding.problem;
}

namespace {

using base::Json;
using ::testing::IsEmpty;

/// Two cells of the golden report with the comparisons and hypotheses that need no other.
Json small_report() {
  report::Report report = fixture::golden();
  report.cells.resize(2);
  for (std::size_t block = 0; block < report.cells[0].trials.size(); ++block) {
    report::Trial &first = report.cells[0].trials[block], &second = report.cells[1].trials[block];
    second.position = first.position < second.position ? 1 : 0;
    first.position = 1 - second.position;
  }
  const std::set<std::string> kept = {report.cells[0].id, report.cells[1].id};
  std::erase_if(report.comparisons, [&](const report::ComparisonResult& comparison) {
    return !kept.contains(comparison.baseline) || !kept.contains(comparison.candidate);
  });
  for (report::CellReport& cell : report.cells) {
    for (std::size_t i = 1; i < cell.trials.size(); ++i) {
      cell.trials[i].measurement->latency_hdr_v2_base64.clear();  // one is enough, and quicker
    }
  }
  report.comparisons = answer(report, report.comparisons);
  scenario::Hypothesis bound, ratio;
  bound.metric = "sessions_per_request";
  bound.at_most = 0.05;
  bound.cells = {report.cells[1].id};
  ratio.metric = "throughput_requests_per_second";
  ratio.at_least = 2;
  ratio.pairs = {{report.cells[0].id, report.cells[1].id}};
  report.hypotheses = {decide(bound, report), decide(ratio, report)};
  return Json::parse(report::report_text(report));
}

/// What was measured or asked for, and follows from nothing else in the report.
const std::set<std::string>& not_recomputable() {
  static const std::set<std::string> kPaths = {
      "design.seed",
      "design.blocks_planned",
      "design.warmup_seconds",
      "design.measure_seconds",
      "scenario.effective.load.connections",
      "scenario.references.values.variant=no-db,workers=2",  // of a cell that is not compared
      "environment.host.cpu.logical_count",
      "environment.host.memory_bytes",
      "cells.factors.workers",
      "cells.config.load.connections",
      "cells.config.target.params.workers",
      "cells.trials.phases.seconds",  // of warm-up and measure; the others are in overhead_seconds
      "cells.trials.phases.parts.database",
      "cells.trials.phases.parts.ready",
      "cells.trials.connect_us.count",
      "cells.trials.connect_us.mean",
      "cells.trials.connect_us.p50",
      "cells.trials.connect_us.max",
      "cells.trials.time_to_first_byte_us.count",
      "cells.trials.time_to_first_byte_us.mean",
      "cells.trials.time_to_first_byte_us.p50",
      "cells.trials.time_to_first_byte_us.p75",
      "cells.trials.time_to_first_byte_us.p90",
      "cells.trials.time_to_first_byte_us.p95",
      "cells.trials.time_to_first_byte_us.p99",
      "cells.trials.time_to_first_byte_us.max",
      "cells.trials.bytes_received",
      "cells.trials.series.interval_ms",    // as long as there are as many intervals
      "cells.trials.cpu_seconds.target",    // as long as the summary's median does not rest on it
      "cells.trials.cpu_seconds.postgres",  // the same
      "cells.trials.peak_rss_bytes.target",
      "cells.trials.peak_rss_bytes.postgres",
      "cells.trials.database.connections_interval_ms",
      "cells.trials.host.steal_ratio",
      "cells.trials.host.cpu_busy_ratio",
      "hypotheses.evidence.at_least",
      "hypotheses.evidence.at_most"};
  return kPaths;
}

/// Visits every number with its path, list indices left out; of each list of trials the first.
template <typename Visit>
void each_number(Json& json, const std::string& path, Visit visit) {
  if (json.is_number()) return visit(path, json);
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      each_number(value, path.empty() ? key : path + "." + key, visit);
    }
  } else if (json.is_array()) {
    for (Json& element : json) {
      each_number(element, path, visit);
      if (path == "cells.trials") break;
    }
  }
}

std::vector<Finding> findings_besides_the_hash(const Json& json) {
  auto findings = verify(json, report::report_from_json(json).value());
  std::erase_if(findings, [](const Finding& finding) { return finding.where == "content_sha256"; });
  return findings;
}

TEST(ForgeryTest, EveryFigureThatFollowsFromOthersIsFoundWhenChanged) {
  Json json = small_report();
  ASSERT_THAT(findings_besides_the_hash(json), IsEmpty());
  std::set<std::string> unseen;
  int changed = 0;
  each_number(json, "", [&](const std::string& path, Json& number) {
    const Json before = number;
    number = before.is_number_float() ? Json(before.get<double>() * 1.0001 + 1e-5)
                                      : Json(before.get<std::int64_t>() + 1);
    if (findings_besides_the_hash(json).empty()) unseen.insert(path);
    number = before;
    ++changed;
  });
  EXPECT_GT(changed, 250);
  std::set<std::string> missed;
  std::set_difference(unseen.begin(), unseen.end(), not_recomputable().begin(),
                      not_recomputable().end(), std::inserter(missed, missed.begin()));
  EXPECT_THAT(missed, IsEmpty());
}

}  // namespace
}  // namespace poolbench::compare
