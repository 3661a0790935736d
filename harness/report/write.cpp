#include "base/file.h"
#include "report/json_text.h"
#include "report/report.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr const char* kContentHash = "content_sha256";

Json object_or_empty(const Json& json) { return json.is_null() ? Json::object() : json; }

Json to_json(const PerService& value) {
  return {{"target", base::or_null(value.target)},
          {"postgres", base::or_null(value.postgres)},
          {"generator", base::or_null(value.generator)}};
}

/// Bytes are whole numbers below 2⁵³, so that a double holds them exactly.
Json bytes_or_null(const std::optional<double>& bytes) {
  constexpr double kLargest = 9007199254740992.0;
  if (!bytes || !(*bytes >= 0 && *bytes <= kLargest)) return nullptr;
  return static_cast<std::uint64_t>(*bytes);
}

Json bytes_to_json(const PerService& value) {
  return {{"target", bytes_or_null(value.target)},
          {"postgres", bytes_or_null(value.postgres)},
          {"generator", bytes_or_null(value.generator)}};
}

Json to_json(const Phase& phase) {
  Json json = {{"name", phase.name}, {"seconds", phase.seconds}};
  if (phase.parts.empty()) return json;
  for (const auto& [name, seconds] : phase.parts) json["parts"][name] = seconds;
  return json;
}

Json to_json(const DatabaseEvidence& database) {
  return {{"sessions_opened", base::or_null(database.sessions_opened)},
          {"sessions_per_request", base::or_null(database.sessions_per_request)},
          {"peak_connections", base::or_null(database.peak_connections)},
          {"peak_connections_source", database.peak_connections_source
                                          ? Json(word_of(*database.peak_connections_source))
                                          : Json()},
          {"refused_connections", base::or_null(database.refused_connections)},
          {"connections_interval_ms", database.connections_interval_ms},
          {"connections_series", database.connections_series}};
}

Json to_json(const HostEvidence& host) {
  return {{"steal_ratio", base::or_null(host.steal_ratio)},
          {"cpu_busy_ratio", base::or_null(host.cpu_busy_ratio)},
          {"pressure_some_ratio", base::or_null(host.pressure_some_ratio)},
          {"steal_resolution_ratio", base::or_null(host.steal_resolution_ratio)},
          {"throttled_periods", base::or_null(host.throttled_periods)},
          {"swapped_bytes", base::or_null(host.swapped_bytes)},
          {"clock_step_seconds", base::or_null(host.clock_step_seconds)}};
}

/// A trial's measurement lies among its own members; where both have a name, it is kept apart
/// (warnings) or joined (missing).
void add_measurement(Json& trial, const std::optional<Measurement>& measurement, Json& missing) {
  if (!measurement) {
    for (const char* name : {"requests", "throughput_requests_per_second", "latency_us"}) {
      trial[name] = nullptr;
    }
    return;
  }
  const Json measured = to_json(*measurement);
  for (const auto& [name, value] : measured.items()) {
    if (name == "missing") {
      for (const auto& [what, reason] : value.items()) missing[what] = reason;
    } else {
      trial[name == "warnings" ? "generator_warnings" : name] = value;
    }
  }
}

Json to_json(const Trial& trial) {
  Json missing = Json::object();
  for (const auto& [name, reason] : trial.missing) missing[name] = reason;
  Json json = {{"block", trial.block},
               {"position", trial.position},
               {"attempt", trial.attempt},
               {"started_at", trial.started_at},
               {"status", word_of(trial.status)},
               {"disturbed", trial.disturbed},
               {"reasons", trial.reasons},
               {"folder", trial.folder},
               {"phases", Json::array()},
               {"overhead_seconds", base::or_null(trial.overhead_seconds)}};
  for (const Phase& phase : trial.phases) json["phases"].push_back(to_json(phase));
  add_measurement(json, trial.measurement, missing);
  json["cpu_seconds"] = to_json(trial.cpu_seconds);
  json["peak_rss_bytes"] = bytes_to_json(trial.peak_rss_bytes);
  json["database"] = to_json(trial.database);
  json["host"] = to_json(trial.host);
  json["warnings"] = trial.warnings;
  json["missing"] = std::move(missing);
  return json;
}

Json to_json(const Summary& summary) {
  Json json = {{"n", summary.n},
               {"median", base::or_null(summary.median)},
               {"ci_low", base::or_null(summary.ci_low)},
               {"ci_high", base::or_null(summary.ci_high)},
               {"confidence", summary.confidence}};
  if (summary.reason.empty()) return json;
  json["pooled"] = base::or_null(summary.pooled);
  json["reason"] = summary.reason;
  return json;
}

Json to_json(const CellReport& cell) {
  Json json = {{"id", cell.id},
               {"factors", object_or_empty(cell.factors)},
               {"config", object_or_empty(cell.config)},
               {"status", word_of(cell.status)},
               {"error", cell.error},
               {"trials", Json::array()},
               {"summary", Json::object()}};
  for (const Trial& trial : cell.trials) json["trials"].push_back(to_json(trial));
  for (const Summary& summary : cell.summary) json["summary"][summary.metric] = to_json(summary);
  return json;
}

Json to_json(const ComparisonResult& comparison) {
  return {{"name", comparison.name},
          {"metric", comparison.metric},
          {"baseline", comparison.baseline},
          {"candidate", comparison.candidate},
          {"n", comparison.n},
          {"ratio", base::or_null(comparison.ratio)},
          {"ci_low", base::or_null(comparison.ci_low)},
          {"ci_high", base::or_null(comparison.ci_high)},
          {"p_adjusted", base::or_null(comparison.p_adjusted)},
          {"margin", comparison.margin},
          {"published_ratio", base::or_null(comparison.published_ratio)},
          {"verdict", word_of(comparison.verdict)},
          {"reason", comparison.reason}};
}

}  // namespace

Json to_json(const Report& report) {
  Json json = {
      {"schema_version", report.schema_version},
      {"report_id", report.report_id},
      {"started_at", report.started_at},
      {"finished_at", report.finished_at.empty() ? Json(nullptr) : Json(report.finished_at)},
      {"outcome", word_of(report.outcome)},
      {"tool", object_or_empty(report.tool)},
      {"scenario", object_or_empty(report.scenario)},
      {"design", object_or_empty(report.design)},
      {"environment", object_or_empty(report.environment)},
      {"cells", Json::array()},
      {"comparisons", Json::array()},
      {"hypotheses", Json::array()}};
  for (const CellReport& cell : report.cells) json["cells"].push_back(to_json(cell));
  for (const auto& comparison : report.comparisons) {
    json["comparisons"].push_back(to_json(comparison));
  }
  for (const HypothesisResult& hypothesis : report.hypotheses) {
    json["hypotheses"].push_back({{"claim", hypothesis.claim},
                                  {"verdict", word_of(hypothesis.verdict)},
                                  {"evidence", object_or_empty(hypothesis.evidence)}});
  }
  return json;
}

std::string content_sha256(const Json& document) {
  Json content = document;
  if (content.is_object()) content.erase(kContentHash);
  return base::sha256_hex(content.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string report_text(const Report& report) {
  Json document = to_json(report);
  document[kContentHash] = content_sha256(document);
  return json_text(document);
}

base::Result<void> write_report(const Report& report, const std::filesystem::path& file) {
  return base::write_file_atomically(file, report_text(report));
}

}  // namespace poolbench::report
