#include "run/setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "generator/options.h"
#include "probe/host.h"
#include "run/description.h"
#include "scenario/postgres_settings.h"
#include "service/postgres/wheel.h"

namespace poolbench::run {
namespace {

std::string unknown_data(const scenario::TargetSpec& target) {
  return fmt::format(
      "target {} has data.commands but no data.inputs: nothing tells one data set from another, so "
      "reports of it are not comparable; name the files that the commands read, or write "
      "inputs = [] if they read none",
      target.name);
}

base::Result<void> check_all_descriptors(const scenario::Scenario& scenario) {
  for (const scenario::Cell& cell : scenario.cells) {
    auto checked = generator::check_descriptors(cell.load.connections, cell.load.threads);
    if (checked) continue;
    checked.error().where = cell.id;
    return checked;
  }
  return {};
}

}  // namespace

base::Result<void> Setup::prepare(report::Environment& environment, const scenario::Cell& first) {
  environment = probe::host_facts();
  environment.warnings = probe::host_warnings(environment);
  cache_ = service::open_cache(folder_.scratch() / "cache");
  if (!cache_.warning.empty()) warn(environment, cache_.warning);
  POOLBENCH_TRY(find_generators(environment));
  POOLBENCH_TRY(prepare_targets());
  POOLBENCH_TRY(fetch_postgres());
  POOLBENCH_TRY(start_postgres(environment));
  if (databases_->is_server_of(first.postgres)) {
    databases_->begin_trial_databases({template_of(first)});
  }
  return describe_targets(environment);
}

void Setup::warn(report::Environment& environment, const std::string& text) {
  observer_.note(text);
  environment.warnings.push_back(text);
}

base::Result<void> Setup::find_generators(report::Environment& environment) {
  for (const std::string& cell : scenario_.skipped_cells) {
    warn(environment, cell + " is left out: its generator is not installed");
  }
  POOLBENCH_TRY(check_all_descriptors(scenario_));
  POOLBENCH_TRY(find_tools());
  const auto facts = generator_facts(scenario_, tools_);
  const bool one = facts.size() == 1;
  if (one) {
    environment.generator = facts.front();
  } else {
    environment.generators = facts;
  }
  return {};
}

base::Result<void> Setup::find_tools() {
  for (const std::string& name : generators_of(scenario_)) {
    const load::Driver* driver = load::find_driver(name);
    if (driver == nullptr) continue;
    auto tool = load::identify(supervisor_, *driver, service::tools_folder(), folder_.path());
    if (!tool) return tl::unexpected(tool.error());
    tools_[name] = std::move(*tool);
  }
  return {};
}

base::Result<void> Setup::prepare_targets() {
  for (const scenario::Cell& cell : scenario_.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    if (prepared_.contains(target.folder)) continue;
    const auto prepared = service::find_prepared(target, cache_);
    if (!prepared) return tl::unexpected(prepared.error());
    if (!prepared->is_ready) {
      observer_.note(fmt::format("preparing target {} (once; log: {})", target.name,
                                 prepared->log().string()));
      POOLBENCH_TRY(service::prepare_target(supervisor_, target, *prepared));
    }
    prepared_[target.folder] = prepared->folder;
  }
  return {};
}

base::Result<void> Setup::fetch_postgres() {
  for (const scenario::Cell& cell : scenario_.cells) {
    if (cell.postgres.version.empty()) continue;
    const auto wanted = service::find_fetched(cell.postgres.version, cache_);
    if (!wanted) return tl::unexpected(wanted.error());
    if (wanted->is_ready) continue;
    observer_.note(fmt::format("fetching PostgreSQL {} (once; log: {})", wanted->version,
                               wanted->log().string()));
    POOLBENCH_TRY(service::fetch_postgres(supervisor_, *wanted));
  }
  return {};
}

base::Result<void> Setup::start_postgres(report::Environment& environment) {
  const scenario::Cell& first = scenario_.cells.front();
  const bool is_ours = !scenario::is_external(first.postgres);
  observer_.note(is_ours ? "starting PostgreSQL and filling the template database"
                         : "connecting to PostgreSQL and filling the template database");
  if (!is_ours) {
    folder_.note_elsewhere(
        fmt::format("databases named poolbench_…_{0}… may be left on the server of ${1}: drop them",
                    folder_.short_id(), first.postgres.dsn_env));
  }
  auto databases =
      service::Databases::create(supervisor_, first.postgres,
                                 {folder_.scratch() / "postgres", cache_,
                                  folder_.path() / "postgres.log", first.placement.postgres},
                                 folder_.short_id());
  if (!databases) return tl::unexpected(databases.error());
  databases_ = std::move(*databases);
  for (const std::string& warning : databases_->warnings()) warn(environment, warning);
  return make_templates(environment);
}

// Each server runs once with the settings of each of its cells, so that what it refuses is known
// before anything is measured.
base::Result<void> Setup::make_templates(report::Environment& environment) {
  std::vector<const scenario::PostgresSettings*> settings;
  std::set<std::pair<std::size_t, std::filesystem::path>> made;  // index of settings, target
  for (const scenario::Cell& cell : scenario_.cells) {
    const auto known =
        std::ranges::find_if(settings, [&](const auto* other) { return *other == cell.postgres; });
    const auto index = static_cast<std::size_t>(known - settings.begin());
    if (known == settings.end()) settings.push_back(&cell.postgres);
    if (made.insert({index, cell.target.spec->folder}).second) {
      POOLBENCH_TRY(databases_->ensure_running(cell.postgres));
      POOLBENCH_TRY(describe_postgres(environment, cell));
      POOLBENCH_TRY(databases_->ensure_template(*cell.target.spec, cell.postgres, prepared(cell),
                                                folder_.path() / "data.log"));
    }
  }
  if (postgres_facts_.size() > 1) list_postgres_servers(environment);
  return {};
}

void Setup::list_postgres_servers(report::Environment& environment) {
  for (const scenario::Cell& cell : scenario_.cells) {
    postgres_facts_.at({cell.postgres.bin_folder, cell.postgres.version}).cells.push_back(cell.id);
  }
  for (const auto& [server, facts] : postgres_facts_) environment.postgres_servers.push_back(facts);
}

// Before any database is made in a server, since it does not keep its settings meanwhile.
base::Result<void> Setup::describe_postgres(report::Environment& environment,
                                            const scenario::Cell& cell) {
  const Server server{cell.postgres.bin_folder, cell.postgres.version};
  if (postgres_facts_.contains(server)) return {};
  auto facts = postgres_facts(databases_->session(), cell.postgres);
  if (!facts) return tl::unexpected(facts.error());
  if (postgres_facts_.empty()) environment.postgres = *facts;
  postgres_facts_[server] = std::move(*facts);
  return {};
}

base::Result<void> Setup::describe_targets(report::Environment& environment) {
  std::vector<report::TargetFacts> targets;
  std::map<std::filesystem::path, std::size_t> index;
  for (const scenario::Cell& cell : scenario_.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    const auto [known, is_new] = index.try_emplace(target.folder, targets.size());
    if (is_new) {
      auto facts = target_facts(supervisor_, target, prepared(cell));
      if (!facts) return tl::unexpected(facts.error());
      if (!facts->data_sha256.value) {
        environment.warnings.push_back(unknown_data(target));
      }
      targets.push_back(std::move(*facts));
    }
    targets[known->second].cells.push_back(cell.id);
  }
  environment.target = targets.front();
  environment.target->cells.clear();
  if (targets.size() > 1) environment.targets = std::move(targets);
  return {};
}

void Setup::complete(TrialSpec& spec) {
  spec.template_database = template_of(spec.cell);
  spec.prepared = prepared(spec.cell);
}

std::vector<std::string> Setup::close() {
  std::vector<std::string> remarks;
  if (databases_) remarks = databases_->close();
  for (std::string& remark : supervisor_.stop_all()) remarks.push_back(std::move(remark));
  return remarks;
}

const std::filesystem::path& Setup::prepared(const scenario::Cell& cell) const {
  return prepared_.at(cell.target.spec->folder);
}

}  // namespace poolbench::run
