#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "report/measurement.h"
#include "report/words.h"

namespace poolbench::report {

struct Phase {
  std::string name;  ///< start, verify, warm-up, measure, stop
  double seconds = 0;
  std::vector<std::pair<std::string, double>> parts;  ///< finer: "database", "boot", "ready", …
};

/// What PostgreSQL's statistics say of the measured window; null with a reason in Trial::missing.
struct DatabaseEvidence {
  std::optional<std::int64_t> sessions_opened;  ///< pg_stat_database.sessions, difference
  std::optional<double> sessions_per_request;   ///< ÷ requests.worked_on()
  /// Most sessions of the trial's database at once.
  std::optional<std::int64_t> peak_connections;
  /// kSamples: it is the largest of connections_series, as in reports before 1.2, which do not say
  /// so. Null where there is no peak.
  std::optional<PeakSource> peak_connections_source;
  /// Sessions that found no free slot, from the target's start to its stop; by the log.
  std::optional<std::int64_t> refused_connections;
  std::vector<std::int64_t> connections_series;  ///< the samples
  int connections_interval_ms = 100;
};

struct PerService {
  std::optional<double> target, postgres, generator;
};

struct HostEvidence {
  std::optional<double> steal_ratio;             ///< /proc/stat steal ÷ all CPU time of the window
  std::optional<double> steal_resolution_ratio;  ///< the counter's smallest step ÷ the same
  std::optional<double> cpu_busy_ratio;          ///< not idle ÷ all
  std::optional<double> pressure_some_ratio;     ///< /proc/pressure/cpu "some" ÷ window
  /// Periods in which the CPU quota of our control group, or one above it, held us up.
  std::optional<std::int64_t> throttled_periods;
  std::optional<std::int64_t> swapped_bytes;  ///< /proc/vmstat pswpin + pswpout, whole machine
  std::optional<double> clock_step_seconds;   ///< growth of CLOCK_REALTIME less CLOCK_MONOTONIC
};

/// One cell run once in one block.
struct Trial {
  int block = 0;
  int position = 0;  ///< order within the block, from 0
  int attempt = 0;   ///< 0; 1 or 2: run again there, since the machine disturbed the one before
  std::string started_at;
  TrialStatus status = TrialStatus::kOk;
  /// The machine disturbed it, and nothing else is wrong with it. With status ok it counts all the
  /// same; with invalid the machine spoilt it, and only its counts are used.
  bool disturbed = false;
  std::vector<std::string>
      reasons;  ///< why not ok, or how disturbed; for failed, with a log's tail
  std::vector<Phase> phases;
  std::optional<double> overhead_seconds;  ///< see overhead_seconds()
  std::optional<Measurement> measurement;
  PerService cpu_seconds;
  PerService peak_rss_bytes;
  DatabaseEvidence database;
  HostEvidence host;
  std::vector<std::pair<std::string, std::string>> missing;  ///< {name, reason} of each null
  std::vector<std::string> warnings;
  std::string folder;  ///< of its logs, relative to the report's
};

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

struct CellReport {
  std::string id;
  base::Json factors;
  base::Json config;
  CellStatus status = CellStatus::kPlanned;
  std::string error;  ///< of a failed cell, in words
  std::vector<Trial> trials;
  std::vector<Summary> summary;
};

struct ComparisonResult {
  std::string name, metric, baseline, candidate;
  int n = 0;                                     ///< paired blocks
  std::optional<double> ratio, ci_low, ci_high;  ///< candidate ÷ baseline; 95 % interval
  std::optional<double> p_adjusted;              ///< Benjamini–Hochberg over all comparisons
  double margin = 0;  ///< relative change below which a difference is of no interest
  std::optional<double> published_ratio;
  Verdict verdict = Verdict::kInconclusive;
  std::string reason;  ///< for inconclusive and incomparable
};

struct HypothesisResult {
  std::string claim;
  Decision verdict = Decision::kInconclusive;
  base::Json evidence;
};

/// What a run writes.
struct Report {
  std::string schema_version = "1.2";
  std::string report_id;
  std::string started_at;
  std::string finished_at;                  ///< empty while running
  Outcome outcome = Outcome::kInterrupted;  ///< until the end: kInterrupted
  base::Json tool;
  base::Json scenario;  ///< name, file, sha256, summary, effective, references
  base::Json design;    ///< seed, blocks, warm-up: docs/report-reference.md names its members
  base::Json environment;
  std::vector<CellReport> cells;
  std::vector<ComparisonResult> comparisons;
  std::vector<HypothesisResult> hypotheses;
};

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

/// The metric's value in a trial, if it has one; knows all of scenario::metric_names().
std::optional<double> metric_of(const Trial& trial, const std::string& metric);

/// The same, if the trial counts for the metric: an ok trial counts for every one, a trial that
/// only the machine spoilt for those of which Metric::machine_proof is true.
std::optional<double> counted_metric_of(const Trial& trial, const std::string& metric);

/// The minor version of the schema that is written, and that of a report, by whose rules it is
/// verified.
inline constexpr int kSchemaMinor = 2;
int schema_minor(const Report& report);

/// Why what is null in the trial is: {name, reason}, those of its measurement too.
std::vector<std::pair<std::string, std::string>> reasons_of(const Trial& trial);

/// Fills `summary` and `status` of each cell from its trials, by the rules of that schema.
void summarise(CellReport& cell, int schema_minor = kSchemaMinor);

}  // namespace poolbench::report
