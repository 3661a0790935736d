#include "scenario/cell_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "scenario/cpu_list.h"
#include "scenario/generator.h"
#include "scenario/load_ranges.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int64_t kMostBlocks = 1000;
constexpr std::int64_t kFirstBlocks = 10;  // with design.precision
constexpr base::Duration kShortestSlice = 20ms;
constexpr double kFinest = 0.001, kCoarsest = 0.5;  // design.precision

std::vector<std::string> generator_names() {
  std::vector<std::string> names;
  for (const Generator& generator : generators()) names.emplace_back(generator.name);
  return names;
}

void read_params(TableReader& target, TargetSettings& settings) {
  const Setting* params = target.table("params");
  if (settings.spec == nullptr) {
    if (params == nullptr) return;
    for (const Setting::Member& member : params->members) {
      settings.params[member.key] = to_json(member.value);
    }
    return;
  }
  const auto& specs = settings.spec->params;
  for (const auto& [name, spec] : specs) settings.params[name] = spec.default_value;
  if (params == nullptr) return;
  for (const Setting::Member& member : params->members) {
    const std::string path = path_below(target.path("params"), member.key);
    const auto spec = specs.find(member.key);
    if (spec == specs.end()) {
      target.mistakes().add(
          member.key_place,
          fmt::format("unknown key {}: target {} has no such parameter", path, settings.spec->name),
          suggestion(member.key, names_of(specs)));
    } else if (check_parameter(spec->second, path, member.value, target.mistakes())) {
      settings.params[member.key] = to_json(member.value);
    }
  }
}

void read_target_settings(TableReader reader, Completeness completeness, const TargetLoader& loader,
                          CellSettings& settings) {
  const Setting* use = reader.any("use");
  settings.use = reader.text("use").value_or("");
  if (use == nullptr && completeness == Completeness::kCell) {
    reader.refuse_missing("use", "write use = \"NAME\": a folder of targets/, or a path");
  } else if (use != nullptr && use->is_string()) {
    settings.target.spec = loader(*use, reader.mistakes());
  }
  read_params(reader, settings.target);
  std::string& endpoint = settings.target.endpoint;
  endpoint = reader.text("endpoint").value_or("");
  if (settings.target.spec != nullptr) {
    const TargetSpec& spec = *settings.target.spec;
    if (!reader.has("endpoint")) endpoint = spec.default_endpoint;
    if (reader.has("endpoint") && !spec.endpoints.contains(endpoint)) {
      reader.refuse("endpoint", fmt::format("names no endpoint of target {}", spec.name),
                    suggestion(endpoint, names_of(spec.endpoints)));
    }
  }
  reader.refuse_unknown();
}

/// Where a private cluster lies and listens is decided by the run; elsewhere it would be no private
/// one.
constexpr std::array<std::string_view, 11> kWhereabouts{
    "config_file", "data_directory",   "external_pid_file",      "hba_file",
    "ident_file",  "include",          "include_if_exists",      "include_dir",
    "port",        "listen_addresses", "unix_socket_directories"};

void read_server_settings(TableReader& reader, PostgresSettings& settings) {
  const Setting* table = reader.table("settings");
  if (table == nullptr) return;
  for (const Setting::Member& member : table->members) {
    if (std::ranges::find(kWhereabouts, member.key) != kWhereabouts.end()) {
      reader.mistakes().add(member.key_place,
                            fmt::format("{} is set by poolbench: it says where a private cluster "
                                        "lies and listens",
                                        path_below(reader.path("settings"), member.key)),
                            "leave it out, or name a server of your own with source = "
                            "\"external\"");
    } else if (member.value.is_table() || member.value.is_list()) {
      reader.mistakes().add(
          member.value.place,
          fmt::format("{} must be a string, a number or true or false, found {}",
                      path_below(reader.path("settings"), member.key), describe(member.value)));
    } else if (member.value.kind == Setting::Kind::kBoolean) {
      settings.settings[member.key] = member.value.scalar.get<bool>() ? "on" : "off";
    } else {
      settings.settings[member.key] = value_text(member.value.scalar);
    }
  }
}

/// What one key of [postgres] asks of another.
void check_postgres(TableReader& reader, bool external) {
  if (external && !reader.has("dsn_env")) {
    reader.refuse_missing("dsn_env", "name the environment variable that holds the DSN");
  }
  // A setting that changes nothing must not look as if it did.
  const std::vector<std::string> idle =
      external ? std::vector<std::string>{"bin_folder", "transport", "settings"}
               : std::vector<std::string>{"dsn_env", "target_dsn_env"};
  for (const std::string& key : idle) {
    if (!reader.has(key)) continue;
    reader.refuse(
        key, fmt::format("has no effect with source = \"{}\"", external ? "external" : "private"),
        "leave it out");
  }
}

PostgresSettings read_postgres(TableReader reader, Completeness completeness) {
  PostgresSettings settings;
  const bool external = reader.choice("source", {"private", "external"}) == "external";
  settings.source =
      external ? PostgresSettings::Source::kExternal : PostgresSettings::Source::kPrivate;
  settings.dsn_env = reader.text("dsn_env").value_or("");
  settings.target_dsn_env = reader.text("target_dsn_env").value_or("");
  settings.bin_folder = reader.text("bin_folder").value_or("");
  settings.transport = reader.choice("transport", {"tcp", "unix"}).value_or("tcp");
  read_server_settings(reader, settings);
  if (completeness == Completeness::kCell) check_postgres(reader, external);
  reader.refuse_unknown();
  return settings;
}

LoadSettings read_load(TableReader& reader) {
  LoadSettings load;
  load.generator = reader.choice("generator", generator_names()).value_or(load.generator);
  const auto count = [&](const char* key, const Range<std::int64_t>& range) {
    return reader.integer(key, range.least, range.most);
  };
  load.connections = static_cast<int>(count("connections", kConnectionsRange).value_or(50));
  load.threads = static_cast<int>(count("threads", kThreadsRange).value_or(1));
  load.keep_alive = reader.boolean("keep_alive").value_or(true);
  if (const auto warmup = reader.duration("warmup")) load.warmup = *warmup;
  load.warmup_by_pilots = !reader.has("warmup");
  if (const auto requests = count("requests", kRequestsRange)) {
    load.requests = static_cast<std::uint64_t>(*requests);
  }
  load.measure = reader.duration("measure", kMeasureRange.least).value_or(load.requests ? 60s : 5s);
  load.rate_hz = reader.number("rate", kRateRange.least, kRateRange.most);
  load.timeout = reader.duration("timeout", kTimeoutRange.least).value_or(10s);
  load.tolerated_error_ratio = reader.number("tolerated_error_ratio", 0, 1).value_or(0);
  reader.refuse_unknown();
  return load;
}

std::vector<int> read_cpus(TableReader& reader, std::string_view key) {
  const std::optional<std::string> text = reader.text(key);
  if (!text) return {};
  std::optional<std::vector<int>> cpus = parse_cpu_list(*text);
  if (!cpus) {
    reader.refuse(key, fmt::format("must be a list of CPUs, found {}", in_quotes(*text)),
                  "write \"0\" or \"0,2-3\", for example");
  }
  return std::move(cpus).value_or(std::vector<int>{});
}

bool from_command_line(const TableReader& reader, std::string_view key) {
  return reader.has(key) && reader.place(key).source->command_line;
}

/// A number of blocks or a precision; of two that exclude each other the command line's counts.
void read_blocks(TableReader& reader, DesignSettings& design) {
  const auto blocks = reader.integer("blocks", 1, kMostBlocks);
  const auto most = reader.integer("max_blocks", kFirstBlocks, kMostBlocks);
  const auto precision = reader.percentage("precision", kFinest, kCoarsest);
  const bool both = reader.has("blocks") && reader.has("precision");
  const bool blocks_win = from_command_line(reader, "blocks");
  if (both && blocks_win == from_command_line(reader, "precision")) {
    reader.refuse("precision", "and design.blocks exclude each other",
                  "leave one out: a fixed number of blocks, or as many as the precision needs");
  }
  if (!reader.has("precision") && reader.has("max_blocks")) {
    reader.refuse("max_blocks", "has no effect without design.precision", "leave it out");
  }
  if (both ? blocks_win : !reader.has("precision")) {
    design.blocks = static_cast<int>(blocks.value_or(design.blocks));
    return;
  }
  design.precision = precision;
  design.blocks = static_cast<int>(kFirstBlocks);
  design.max_blocks = static_cast<int>(most.value_or(design.max_blocks));
}

PlacementSettings read_placement(TableReader reader, bool external) {
  PlacementSettings placement;
  placement.generator = read_cpus(reader, "generator");
  placement.target = read_cpus(reader, "target");
  placement.postgres = read_cpus(reader, "postgres");
  if (external && reader.has("postgres")) {
    reader.refuse("postgres", "has no effect with postgres.source = \"external\"", "leave it out");
  }
  reader.refuse_unknown();
  return placement;
}

}  // namespace

const std::vector<std::string>& cell_tables() {
  static const std::vector<std::string> names{"target", "postgres", "load", "placement"};
  return names;
}

CellSettings read_cell_settings(const Setting& tree, Completeness completeness,
                                const TargetLoader& loader, Mistakes& mistakes) {
  const auto reader = [&](const std::string& name) {
    return TableReader(tree.find(name), name, tree.place, mistakes);
  };
  CellSettings settings;
  read_target_settings(reader("target"), completeness, loader, settings);
  settings.postgres = read_postgres(reader("postgres"), completeness);
  TableReader load = reader("load");
  settings.load = read_load(load);
  if (completeness == Completeness::kCell) {
    check_generator(load, settings.load, settings.target);
  }
  const bool external = completeness == Completeness::kCell &&
                        settings.postgres.source == PostgresSettings::Source::kExternal;
  settings.placement = read_placement(reader("placement"), external);
  return settings;
}

DesignSettings read_design(const Setting* table, const Place& fallback, Mistakes& mistakes) {
  TableReader reader(table, "design", fallback, mistakes);
  DesignSettings design;
  read_blocks(reader, design);
  if (const auto seed = reader.integer("seed", 0)) design.seed = static_cast<std::uint64_t>(*seed);
  design.slice = reader.duration("slice", kShortestSlice);
  design.skip_missing_generators = reader.boolean("skip_missing_generators").value_or(false);
  reader.refuse_unknown();
  return design;
}

}  // namespace poolbench::scenario
