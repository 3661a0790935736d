#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "report/comparison.h"
#include "report/declared_metric.h"
#include "report/environment.h"
#include "report/trial.h"
#include "report/words.h"

namespace poolbench::report {

struct Summary {
  std::string metric;
  int n = 0;
  std::optional<double> median;           ///< Hodges–Lehmann pseudo-median over the ok trials
  std::optional<double> ci_low, ci_high;  ///< exact signed-rank interval; null below 6 trials
  double confidence = 0.95;
  /// Of a latency quantile that not every good trial has: that of all their answers together, and
  /// why there is no median. Both empty otherwise.
  std::optional<double> pooled;
  std::string reason;
};

/// The minor version of the schema that is written.
inline constexpr int kSchemaMinor = 2;

struct CellReport {
  /// Of its report, by whose rules it is judged and summarised; no member of its own.
  int schema_minor = kSchemaMinor;
  std::string id;
  base::Json factors = base::Json::object();
  base::Json config = base::Json::object();
  CellStatus status = CellStatus::kPlanned;
  std::string error;  ///< of a failed cell, in words
  std::vector<Trial> trials;
  std::vector<Summary> summary;
};

/// The program that wrote the report.
struct Tool {
  std::string name, version, revision, build;
};

/// Figures that somebody published.
struct Reference {
  std::string source, metric;
  std::map<std::string, double> values;  ///< by cell id
};

struct ScenarioFacts {
  std::string name, file, sha256, summary;
  base::Json effective = base::Json::object();  ///< every setting, defaults filled in
  std::vector<Reference> references;
};

/// Answers in each interval, by arrival.
struct Series {
  int interval_ms = 100;
  std::vector<std::uint64_t> requests;
};

/// A trial that shows how long a target takes to become steady.
struct Pilot {
  std::string cell, started_at;
  TrialStatus status = TrialStatus::kOk;
  std::vector<std::string> reasons;
  std::string folder;
  std::optional<double> steady_after_seconds;
  std::optional<Series> series;
};

/// What was to be run, and how much of it was.
struct Design {
  std::optional<std::uint64_t> seed;
  std::optional<int> blocks_planned, blocks_completed;
  std::optional<std::vector<int>> blocks_rerun;  ///< before 1.2
  std::optional<int> trials_rerun;
  std::optional<double> precision, half_width_ratio;
  std::optional<Stopped> stopped;
  std::optional<bool> noisy_environment;  ///< before 1.2
  std::optional<double> max_time_seconds, warmup_seconds, pilot_warmup_seconds;
  std::vector<Pilot> pilots;
  std::optional<double> measure_seconds;
};

/// What a run writes.
struct Report {
  std::string schema_version = "1.2";
  std::string report_id;
  std::string started_at;
  std::optional<std::string> finished_at;   ///< none while running
  Outcome outcome = Outcome::kInterrupted;  ///< until the end: kInterrupted
  std::optional<bool> compact;              ///< true: the series of its trials are left out
  Tool tool;
  ScenarioFacts scenario;
  Design design;
  Environment environment;
  DeclaredMetrics metrics;  ///< of all targets
  std::vector<CellReport> cells;
  std::vector<ComparisonResult> comparisons;
  std::vector<HypothesisResult> hypotheses;
};

/// Null where no cell has the id.
const CellReport* find_cell(const Report& report, const std::string& id);

/// Leaves out what a trial was in each interval, which nothing but its picture needs.
void make_compact(Report& report);

base::Json to_json(const Report& report);
/// kBadInput with the JSON path of the first thing that is absent or wrong, or for a newer major
/// schema. Members that this version does not know are left out.
base::Result<Report> report_from_json(const base::Json& json);

/// SHA-256 of a report's JSON without its member "content_sha256": of the text without any white
/// space, members in their order.
std::string content_sha256(const base::Json& document);

/// The report as the file's text: one member a line, series on one line; ends with its
/// content_sha256.
std::string report_text(const Report& report);
/// The text as JSON. kBadInput for text that is no JSON, or that nests deeper than any report.
base::Result<base::Json> parse_document(std::string_view text);
/// Reads report_text, and any other JSON of a report.
base::Result<Report> parse_report(std::string_view text);

/// Reads and parses a file; every failure names the file.
base::Result<Report> read_report(const std::filesystem::path& file);
/// Atomic: the old file or the new, never half.
base::Result<void> write_report(const Report& report, const std::filesystem::path& file);

/// Why what is null in the trial is: {name, reason}, those of its measurement too.
Reasons reasons_of(const Trial& trial);

/// Fills `summary`, `status` and `error` of a cell from its trials. `declared`: its report's.
void summarise(CellReport& cell, const DeclaredMetrics& declared = {});
/// The same of all cells.
void summarise(Report& report);

/// poolbench's own share of a trial, in seconds: its phases less those of the load ("warm-up",
/// "measure", "drain") and less the parts that are the target's ("boot", "workers", "target").
double overhead_seconds(const std::vector<Phase>& phases);

}  // namespace poolbench::report
