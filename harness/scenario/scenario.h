#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "scenario/diagnostics.h"
#include "scenario/service/service_file.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {

struct Setting;

struct TargetSettings {
  /// Whether its server runs already, so that nothing of it is started.
  [[nodiscard]] bool runs_already() const {
    return spec != nullptr && spec->serve.running.has_value();
  }

  std::string use;  ///< target.use as it is written
  std::shared_ptr<const TargetSpec> spec;
  std::map<std::string, base::Json> params;       ///< every declared parameter, defaults filled in
  std::map<std::string, base::Json> data_params;  ///< the same of the target's data
  std::string endpoint;                           ///< name of one of spec->endpoints
  bool allow_remote = false;                      ///< a server that runs already may be anywhere
};

/// What to do about a server that is not on this machine.
inline constexpr const char* kAllowRemote =
    "load may only be sent to a machine whose owner knows of it: if that is so, set "
    "target.allow_remote = true";

/// SQL that a superuser runs in a fresh database.
struct InitSql {
  std::string sql;
  std::string where;  ///< "file:line:column" of a text in the scenario; else the file's path
  std::string file;   ///< its path as the scenario has it; empty: the text stands in the scenario
  friend bool operator==(const InitSql&, const InitSql&) = default;
};

struct PostgresSettings {
  enum class Source { kPrivate, kExternal };
  enum class Auth { kTrust, kScram };
  Source source = Source::kPrivate;
  std::string dsn_env;  ///< external: environment variable with a libpq DSN or URI
  /// External: the same of what the target uses, a pooler's say; empty: dsn_env's.
  std::string target_dsn_env;
  // Of a private server.
  std::filesystem::path bin_folder;  ///< where postgres and initdb are; empty: newest found
  /// A major version that find_postgres_wheel knows; empty: what bin_folder says.
  std::string version;
  std::string transport = "tcp";                     ///< "tcp" or "unix", how the target connects
  Auth auth = Auth::kTrust;                          ///< how the target's role logs in
  bool tls = false;                                  ///< the target must use TLS, over TCP
  bool statements = false;                           ///< pg_stat_statements is preloaded
  std::map<std::string, std::string> settings;       ///< postgresql.conf
  std::map<std::string, std::string> role_settings;  ///< ALTER ROLE … SET for the target's role
  std::vector<InitSql> init_sql;                     ///< in the target's template database
  friend bool operator==(const PostgresSettings&, const PostgresSettings&) = default;
};

/// An endpoint of a mix, and its share of the requests relative to the others.
struct MixPart {
  std::string endpoint;
  double weight = 1;
  friend bool operator==(const MixPart&, const MixPart&) = default;
};

struct LoadSettings {
  std::string generator = "native";
  std::vector<MixPart> mix;  ///< empty: target.endpoint alone
  int connections = 50;
  int threads = 1;
  bool keep_alive = true;  ///< false: a new connection for each request
  base::Duration warmup{};
  bool warmup_by_pilots = false;          ///< not set by the scenario: the run finds it out
  base::Duration measure{};               ///< upper bound when `requests` is set
  std::optional<std::uint64_t> requests;  ///< exactly so many measured requests
  std::optional<double> rate_hz;          ///< open loop; unset: closed loop
  base::Duration timeout{};               ///< of one request
  double tolerated_error_ratio = 0;       ///< errors ÷ sent above it make a trial invalid
  std::optional<base::Duration> slice;    ///< DesignSettings::slice
};

struct DesignSettings {
  int blocks = 15;                  ///< with `precision`: 10, to begin with
  std::optional<double> precision;  ///< relative half-width of intervals to go on for; unset: none
  int max_blocks = 24;              ///< with `precision`: at most so many
  std::optional<std::uint64_t> seed;  ///< unset: chosen by the run and recorded
  /// The targets of a block run at once and get their load in turns of so long; unset: one after
  /// the other.
  std::optional<base::Duration> slice;
  /// Leave out the cells whose generator is not installed, instead of refusing the scenario.
  bool skip_missing_generators = false;
  /// The same of cells whose services are not installed.
  bool skip_missing_services = false;
  /// The same of cells whose targets cannot be prepared, since something is not installed.
  bool skip_missing_targets = false;
};

/// CPUs by number; empty: not pinned.
struct PlacementSettings {
  std::vector<int> generator, target, postgres;
  std::map<std::string, std::vector<int>> service;  ///< by its name
};

/// A service of a cell, and what it is set to.
struct ServiceUse {
  std::string name;
  std::string use{};  ///< service.NAME.use; empty: it is found by its name
  std::shared_ptr<const ServiceSpec> spec{};
  std::map<std::string, base::Json> params{};  ///< every declared one, defaults filled in
  std::vector<MetricSpec> metrics{};           ///< "service.NAME.wait_us"
  Place named_at{};                            ///< in postgres.via, or with the target
};

struct ServiceSettings {
  std::vector<ServiceUse> path;    ///< from the application to PostgreSQL
  std::vector<ServiceUse> beside;  ///< what the target needs besides

  [[nodiscard]] std::vector<ServiceUse> all() const;
  /// How postgres.via names the path: "pgbouncer+delay", or "direct".
  [[nodiscard]] std::string via() const;
};

/// One value of one axis as it stands in a cell.
struct Factor {
  std::string axis;  ///< short name, "workers"
  std::string path;  ///< dotted path, "target.params.workers"; "variant" for variants
  base::Json value;
};

/// One combination of axis values, everything resolved.
struct Cell {
  /// The endpoints that get load, with their weights.
  [[nodiscard]] std::vector<MixPart> endpoints() const {
    return load.mix.empty() ? std::vector{MixPart{target.endpoint, 1}} : load.mix;
  }
  /// Whether an answer of one of them may use the database.
  [[nodiscard]] bool uses_database() const;
  /// Whether clients log in before the load.
  [[nodiscard]] bool logs_in() const;

  std::string id;  ///< "variant=pool,workers=2"
  std::vector<Factor> factors;
  TargetSettings target;
  PostgresSettings postgres;
  ServiceSettings services;
  LoadSettings load;
  PlacementSettings placement;
  base::Json config;  ///< the cell's settings in full, defaults filled in, keys in scenario order
};

struct Axis {
  std::string name;  ///< short name, unique: the shortest suffix of the path that no other axis has
  std::string path;
  std::vector<base::Json> values;
};

/// Pairs of cells to compare: each candidate with the baseline cell that agrees on all other axes.
struct Comparison {
  std::string name;
  std::vector<std::string> metrics;  ///< default {"throughput_requests_per_second"}
  std::vector<std::pair<std::string, std::string>> pairs;  ///< {baseline id, candidate id}
};

/// A claim the run decides. One of: a bound on a metric of cells, or a bound on the ratio
/// candidate ÷ baseline of pairs (an equivalence question when both bounds are set).
struct Hypothesis {
  std::string claim;
  std::string metric;
  std::vector<std::string> cells;                          ///< for bounds on values
  std::vector<std::pair<std::string, std::string>> pairs;  ///< {baseline, candidate} for ratios
  std::optional<double> at_least, at_most;
  std::string fails_with{};  ///< the cells fail, and these are among the words; instead of a metric
};

/// Figures somebody published, shown beside what is measured here.
struct Reference {
  std::string source;
  std::string metric;
  std::map<std::string, double> value_by_cell;  ///< cell id → value
};

/// A cell that is left out, and why: what of it is not installed.
struct SkippedCell {
  std::string id;
  std::string why;
};

/// A scenario file, validated and expanded.
struct Scenario {
  std::string name;
  std::string summary;
  std::filesystem::path file;
  std::string sha256;    ///< of the file's bytes, lower-case hex
  base::Json effective;  ///< everything, defaults and --set filled in, before the axes are applied
  DesignSettings design;
  std::vector<Axis> axes;
  report::DeclaredMetrics metrics;  ///< of the targets of all cells, each once
  std::vector<Cell> cells;
  std::vector<SkippedCell> skipped_cells;
  std::vector<Comparison> comparisons;
  std::vector<Hypothesis> hypotheses;
  std::vector<Reference> references;
};

/// Changes from the command line.
struct Overrides {
  std::vector<std::string> set;  ///< "path=value", the value as in TOML (a bare word is a string)
  std::vector<std::string>
      only;            ///< "axis=value[,axis=value…]"; a cell stays if any of them matches it
  bool quick = false;  ///< the fewest blocks that give intervals, of short trials
};

/// A load generator that a scenario may name, and what can be asked of it. How it is run and read
/// is the room load's affair.
struct Generator {
  std::string_view name{};
  bool open_loop = false;        ///< offers a rate, whatever the server does
  bool exact_count = false;      ///< sends a given number of requests
  bool close = false;            ///< can use a connection for each request
  bool threads = false;          ///< runs with the number of threads asked for
  bool shared_equally = false;   ///< each connection sends the same number of requests
  bool any_time = false;         ///< measures fractions of a second, too
  bool short_time = false;       ///< measures less than a second, too
  bool templates = false;        ///< fills placeholders into requests
  bool requests = false;         ///< sends any method, headers and body
  bool mixes = false;            ///< sends several kinds of request
  bool clients = false;          ///< each connection can be logged in as a client of its own
  bool expects_headers = false;  ///< looks at the headers of answers
  bool tells_endpoints = false;  ///< has figures for each kind of request
  bool unix_sockets = false;     ///< connects to a unix socket
  bool verified_tls = false;     ///< verifies a server's certificate, by a given authority, too
  bool is_installed = true;      ///< on this machine
};
using Generators = std::vector<Generator>;

/// Reads, validates and expands a scenario file and the target file it names; its cells may use any
/// of the generators. On failure: every mistake found, never just the first.
tl::expected<Scenario, std::vector<Diagnostic>> load_file(const std::filesystem::path& file,
                                                          const Generators& generators,
                                                          const Overrides& overrides = {});

/// Finds the target that `target.use` (a string) names. Null, and mistakes, when it cannot be used.
using TargetLoader =
    std::function<std::shared_ptr<const TargetSpec>(const Setting& use, Mistakes& mistakes)>;

/// What a scenario says of a service that it names.
struct NamedService {
  std::string said;  ///< what names it: "postgres.via"
  std::string name;
  const Setting* use = nullptr;  ///< service.NAME.use (a string); null: it is found by its name
  Place place;                   ///< of the name
};
/// Finds it. Null, and mistakes, when it cannot be used.
using ServiceLoader =
    std::function<std::shared_ptr<const ServiceSpec>(const NamedService& named, Mistakes&)>;

/// Validates and expands the text of a scenario file, with targets and services from the loaders:
/// load_file without its files. On failure: every mistake found.
tl::expected<Scenario, std::vector<Diagnostic>> expand(const std::shared_ptr<const Source>& source,
                                                       const Generators& generators,
                                                       const Overrides& overrides,
                                                       const TargetLoader& loader,
                                                       const ServiceLoader& services = {});

/// Reads CPU numbers as the kernel writes them: "0,2-3" → {0, 2, 3}, sorted, each once. Nothing for
/// anything else, an empty text, a range backwards, or a number above 4095.
std::optional<std::vector<int>> parse_cpu_list(std::string_view text);

/// The shortest text that parse_cpu_list reads back: {0, 2, 3} → "0,2-3".
std::string format_cpu_list(const std::vector<int>& cpus);

/// Why the cells cannot share a block in turns; empty if they can.
std::string hindrance_to_turns(const std::vector<Cell>& cells);

}  // namespace poolbench::scenario
