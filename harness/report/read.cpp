#include <fmt/format.h>

#include <charconv>

#include "base/file.h"
#include "report/json_place.h"
#include "report/report.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr int kSchemaMajor = 1;
constexpr int kDeepestNesting = 64;
/// Of a cell: the scenario allows 1000 blocks, and a trial runs again twice at most.
constexpr std::size_t kMostTrials = 3000;

void read(const JsonPlace& place, PerService& value) {
  place["target"].to(value.target);
  place["postgres"].to(value.postgres);
  place["generator"].to(value.generator);
}

void read(const JsonPlace& place, Phase& phase) {
  place["name"].to(phase.name);
  place["seconds"].to(phase.seconds);
  if (const auto parts = place["parts"]; parts.present()) parts.to(phase.parts);
}

void read(const JsonPlace& place, DatabaseEvidence& database) {
  place["sessions_opened"].to(database.sessions_opened);
  place["sessions_per_request"].to(database.sessions_per_request);
  place["peak_connections"].to(database.peak_connections);
  place["peak_connections_source"].to(database.peak_connections_source);
  place["refused_connections"].to(database.refused_connections);
  place["connections_interval_ms"].to(database.connections_interval_ms);
  place["connections_series"].to(database.connections_series);
}

void read(const JsonPlace& place, HostEvidence& host) {
  place["steal_ratio"].to(host.steal_ratio);
  place["cpu_busy_ratio"].to(host.cpu_busy_ratio);
  place["pressure_some_ratio"].to(host.pressure_some_ratio);
  place["steal_resolution_ratio"].to(host.steal_resolution_ratio);
  place["throttled_periods"].to(host.throttled_periods);
  place["swapped_bytes"].to(host.swapped_bytes);
  place["clock_step_seconds"].to(host.clock_step_seconds);
}

void read_measurement(const JsonPlace& place, std::optional<Measurement>& measurement) {
  if (!place["requests"].present()) return;
  auto measured = measurement_from_json(place.json());
  if (!measured) return place.fail("is " + measured.error().message);
  measurement = std::move(*measured);
  place["generator_warnings"].to(measurement->warnings);
}

void read(const JsonPlace& place, Trial& trial) {
  place["block"].to(trial.block);
  place["position"].to(trial.position);
  if (const auto attempt = place["attempt"]; attempt.present()) attempt.to(trial.attempt);
  place["started_at"].to(trial.started_at);
  place["status"].to(trial.status);
  if (const auto disturbed = place["disturbed"]; disturbed.present()) {
    disturbed.to(trial.disturbed);
  }
  place["reasons"].to(trial.reasons);
  place["folder"].to(trial.folder);
  place["phases"].each([&](const JsonPlace& phase) { read(phase, trial.phases.emplace_back()); });
  place["overhead_seconds"].to(trial.overhead_seconds);
  read_measurement(place, trial.measurement);
  read(place["cpu_seconds"], trial.cpu_seconds);
  read(place["peak_rss_bytes"], trial.peak_rss_bytes);
  read(place["database"], trial.database);
  read(place["host"], trial.host);
  place["warnings"].to(trial.warnings);
  place["missing"].to(trial.missing);
}

void read(const JsonPlace& place, Summary& summary) {
  place["n"].to(summary.n);
  place["median"].to(summary.median);
  place["ci_low"].to(summary.ci_low);
  place["ci_high"].to(summary.ci_high);
  place["confidence"].to(summary.confidence);
  place["pooled"].to(summary.pooled);
  if (const auto reason = place["reason"]; reason.present()) reason.to(summary.reason);
}

void read(const JsonPlace& place, CellReport& cell) {
  place["id"].to(cell.id);
  place["factors"].to(cell.factors);
  place["config"].to(cell.config);
  place["status"].to(cell.status);
  place["error"].to(cell.error);
  if (const auto trials = place["trials"]; trials.json().size() > kMostTrials) {
    return trials.fail(fmt::format("holds more than {} trials", kMostTrials));
  }
  place["trials"].each([&](const JsonPlace& trial) { read(trial, cell.trials.emplace_back()); });
  place["summary"].each_member([&](const std::string& metric, const JsonPlace& summary) {
    cell.summary.emplace_back().metric = metric;
    read(summary, cell.summary.back());
  });
}

void read(const JsonPlace& place, ComparisonResult& comparison) {
  place["name"].to(comparison.name);
  place["metric"].to(comparison.metric);
  place["baseline"].to(comparison.baseline);
  place["candidate"].to(comparison.candidate);
  place["n"].to(comparison.n);
  place["ratio"].to(comparison.ratio);
  place["ci_low"].to(comparison.ci_low);
  place["ci_high"].to(comparison.ci_high);
  place["p_adjusted"].to(comparison.p_adjusted);
  place["margin"].to(comparison.margin);
  place["published_ratio"].to(comparison.published_ratio);
  place["verdict"].to(comparison.verdict);
  place["reason"].to(comparison.reason);
}

void read(const JsonPlace& place, HypothesisResult& hypothesis) {
  place["claim"].to(hypothesis.claim);
  place["verdict"].to(hypothesis.verdict);
  place["evidence"].to(hypothesis.evidence);
}

void read(const JsonPlace& place, Report& report) {
  place["report_id"].to(report.report_id);
  place["started_at"].to(report.started_at);
  if (const auto finished = place["finished_at"]; finished.present()) {
    finished.to(report.finished_at);
  }
  place["outcome"].to(report.outcome);
  place["tool"].to(report.tool);
  place["scenario"].to(report.scenario);
  place["design"].to(report.design);
  place["environment"].to(report.environment);
  place["cells"].each([&](const JsonPlace& cell) { read(cell, report.cells.emplace_back()); });
  place["comparisons"].each(
      [&](const JsonPlace& comparison) { read(comparison, report.comparisons.emplace_back()); });
  place["hypotheses"].each(
      [&](const JsonPlace& hypothesis) { read(hypothesis, report.hypotheses.emplace_back()); });
}

/// Refuses what this program cannot read before anything else can look wrong in it.
void read_version(const JsonPlace& place, std::string& version) {
  place.to(version);
  int major = 0;
  const auto end = version.data() + version.size();
  const auto [after, problem] = std::from_chars(version.data(), end, major);
  if (problem != std::errc() || after == end || *after != '.') {
    place.fail("should be a version such as \"1.0\"");
  } else if (major != kSchemaMajor) {
    place.fail(fmt::format("is {}, but this program reads {}.x; use the poolbench that wrote it",
                           version, kSchemaMajor));
  }
}

bool nests_too_deeply(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepestNesting) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

/// Without the library's own "[json.exception.parse_error.101] ".
std::string message_of(const Json::exception& problem) {
  const std::string_view text = problem.what();
  const auto end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

}  // namespace

int schema_minor(const Report& report) {
  const std::string& version = report.schema_version;
  const std::size_t point = version.find('.');
  int minor = 0;
  if (point == std::string::npos) return minor;
  std::from_chars(version.data() + point + 1, version.data() + version.size(), minor);
  return minor;
}

base::Result<Report> report_from_json(const Json& json) {
  std::optional<base::Error> failure;
  const JsonPlace root(json, failure);
  Report report;
  read_version(root["schema_version"], report.schema_version);
  if (!failure) read(root, report);
  if (!failure) return report;
  failure->message = "not a report of poolbench: " + failure->message;
  return tl::unexpected(std::move(*failure));
}

base::Result<Json> parse_document(std::string_view text) {
  if (nests_too_deeply(text)) {
    return base::bad_input(
        fmt::format("not a report of poolbench: it nests more than {} levels", kDeepestNesting));
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    return base::bad_input("not a report of poolbench: " + message_of(problem), {},
                           "give the report.json that a run wrote");
  }
}

base::Result<Report> parse_report(std::string_view text) {
  const auto document = parse_document(text);
  if (!document) return tl::unexpected(document.error());
  return report_from_json(*document);
}

base::Result<Report> read_report(const std::filesystem::path& file) {
  auto text = base::read_file(file);
  if (!text) return tl::unexpected(std::move(text.error()));
  auto report = parse_report(*text);
  if (!report) report.error().where = file.string();
  return report;
}

}  // namespace poolbench::report
