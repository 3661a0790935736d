#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "report/declared_metric.h"
#include "report/fields.h"
#include "report/measurement.h"
#include "report/words.h"

namespace poolbench::report {

struct Phase {
  std::string name;  ///< start, verify, warm-up, measure, stop
  double seconds = 0;
  std::vector<std::pair<std::string, double>> parts;  ///< finer: "database", "boot", "ready", …
};

/// How a target came to count as ready.
struct Readiness {
  std::optional<ReadyBy> by;   ///< unset: it never did
  std::optional<int> workers;  ///< that were told apart; unset: nothing tells them apart
};

/// How many sessions were in one state, over the samples.
struct StateFigures {
  double mean = 0;
  std::int64_t max = 0;
};

/// What the sessions of the trial's database did, by samples of pg_stat_activity in the window.
struct SessionActivity {
  StateFigures active, idle, idle_in_transaction;
  /// Of the active sessions in all samples the share that waited for an event of each type; "none":
  /// for nothing. Empty if none was active.
  std::map<std::string, double> wait_ratios;
};

/// What the statements of a trial's database did in the window, by pg_stat_statements.
struct StatementSums {
  std::int64_t calls = 0;
  double execution_us = 0;
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
  std::optional<SessionActivity> activity;
  std::optional<std::int64_t> wal_bytes;  ///< that the whole server wrote to its write-ahead log
  std::optional<std::int64_t> deadlocks;  ///< pg_stat_database.deadlocks, difference
  int connections_interval_ms = 100;
  std::optional<StatementSums> statements;
  /// What PostgreSQL says that it took to set up a session under load, on average.
  std::optional<double> session_setup_us;
};

/// A quantity of the process trees of target, PostgreSQL and generator.
template <typename T>
struct PerService {
  std::optional<T> target, postgres, generator;
};

/// What a service used under load.
struct ServiceEvidence {
  std::optional<double> cpu_seconds;
  std::optional<std::uint64_t> peak_rss_bytes;
};

/// What the way to PostgreSQL costs by itself, before the load, as libpq sees it: medians.
struct PathCost {
  double connect_us = 0;     ///< to connect, SELECT 1 and close
  double round_trip_us = 0;  ///< SELECT 1 in a session that there is
  /// Processor time of the client in each of them.
  std::optional<double> connect_cpu_us, round_trip_cpu_us;
};

/// Where a request's time goes, in microseconds per request (docs/method.md). A part that is not
/// known is null, with a reason, and its time is in the unexplained one, which may be negative.
struct Budget {
  BudgetOf of = BudgetOf::kWorker;
  std::optional<double> serves_at_once;  ///< requests that the target works on at once
  double total_us = 0;                   ///< of a worker, or of the latency
  std::optional<double> queue_us;        ///< of a worker's budget: what the latency has beyond it
  std::optional<double> connect_us, connection_wait_us, query_us, round_trip_us, application_cpu_us,
      processor_wait_us, generator_us;
  double unexplained_us = 0;  ///< the total less all parts that are known
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
  Readiness ready;
  std::optional<Measurement> measurement;
  PerService<double> cpu_seconds;
  /// How long threads of the target were ready to run and had no processor, all together.
  std::optional<double> target_run_delay_seconds;
  PerService<std::uint64_t> peak_rss_bytes;
  std::map<std::string, ServiceEvidence> services;  ///< by name
  std::optional<PathCost> path;
  DatabaseEvidence database;
  HostEvidence host;
  /// The values of the declared metrics, by name.
  std::map<std::string, std::optional<double>> metrics;
  std::optional<Budget> budget;
  Reasons missing;  ///< of each null
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

/// Candidate less baseline of a part of the time budget, in microseconds per request, paired by
/// block; with its 95 % interval.
struct PartDifference {
  std::string part;  ///< "connect_us"
  double difference_us = 0, ci_low = 0, ci_high = 0;
};

/// Which parts of the time budget make the difference between two cells.
struct Explanation {
  std::string text;  ///< in a sentence; empty where the numbers carry none
  BudgetOf of = BudgetOf::kWorker;
  double difference_us = 0, ci_low = 0, ci_high = 0;  ///< of the total
  std::vector<PartDifference> parts;                  ///< that both know; the unexplained one last
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
  std::optional<Explanation> explanation;
};

/// What a claim about the values of a metric finds in one cell.
struct CellEvidence {
  std::string cell;
  int n = 0;
  std::optional<double> estimate, ci_low, ci_high;
  Decision verdict = Decision::kInconclusive;
  std::string note;
};

/// What a claim about ratios finds in one pair of cells.
struct PairEvidence {
  std::string baseline, candidate;
  int n = 0;
  std::optional<double> ratio, confidence, ci_low, ci_high;
  Decision verdict = Decision::kInconclusive;
  std::string note;
};

/// What a hypothesis is about, and what was found. It has cells or pairs.
struct Evidence {
  std::string metric;
  std::string fails_with;  ///< the cells fail with these words; instead of a metric
  std::optional<double> at_least, at_most;
  std::vector<CellEvidence> cells;
  std::vector<PairEvidence> pairs;
};

struct HypothesisResult {
  std::string claim;
  Decision verdict = Decision::kInconclusive;
  Evidence evidence;
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

struct PostgresFacts {
  std::string version, source;
  Stated<std::string> packaging;               ///< whose build it is: "Debian"
  base::Json settings = base::Json::object();  ///< those that differ from the defaults, by name
  std::vector<std::string> cells;              ///< that use it, where there are several servers
};

/// A data set of a target, with the parameters of its data.
struct DataSetFacts {
  base::Json params = base::Json::object();  ///< by name
  std::string made_at;
  bool kept = false;              ///< by an earlier run
  std::optional<double> seconds;  ///< that making it took
};

struct TargetFacts {
  std::string name;
  std::string url;  ///< of a server that ran already
  Stated<std::string> data_sha256, data_inputs_sha256;
  /// SHA-256 of the files that requests are made of, by name.
  std::map<std::string, std::string> request_files;
  /// The same of the templates of its files.
  std::map<std::string, std::string> file_templates;
  std::vector<DataSetFacts> data_sets;  ///< that were made; without one for empty databases
  /// As its own command tells them, by name; null of a server that ran already.
  std::optional<base::Json> versions = base::Json::object();
  /// SHA-256 of each variable of the caller that its programs got, by name (null: not set).
  std::optional<base::Json> inherited, inherited_always;
  std::vector<std::string> cells;  ///< that use it, where there are several targets
};

struct ServiceFacts {
  std::string name;
  base::Json versions = base::Json::object();  ///< as its own command tells them, by name
  std::string sha256;                          ///< of its service.toml
  /// SHA-256 of the templates of its files, by name.
  std::map<std::string, std::string> file_templates;
};

struct GeneratorFacts {
  std::string name, version;
  std::optional<std::string> sha256;
};

/// Where a run took place, and with what.
struct Environment {
  std::optional<std::string> host_name, host_arch, cpu_model;
  std::optional<std::int64_t> cpu_count, memory_bytes;
  std::optional<std::string> os_description, kernel_release, cpu_governor;
  std::optional<std::string> cgroup_cpu_max, cgroup_memory_max;
  std::optional<bool> virtualized;
  std::optional<PostgresFacts> postgres;        ///< the first cell's
  std::vector<PostgresFacts> postgres_servers;  ///< all, where there are several
  std::optional<TargetFacts> target;            ///< the first cell's
  std::vector<TargetFacts> targets;             ///< all, where there are several
  std::vector<ServiceFacts> services;           ///< of all cells
  std::optional<GeneratorFacts> generator;      ///< null where there are several
  std::vector<GeneratorFacts> generators;       ///< all, where there are several
  std::vector<std::string> warnings;
  std::optional<std::string> failure;  ///< why the run failed or was interrupted
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
