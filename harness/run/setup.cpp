#include "run/setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "generator/options.h"
#include "probe/host.h"
#include "run/description.h"
#include "run/preparation.h"
#include "scenario/postgres_settings.h"
#include "service/postgres/installation.h"
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

std::string shared_start(const scenario::TargetSpec& target) {
  return fmt::format(
      "the server of target {} at {} was running already: all trials share its one start, and its "
      "processor time and memory are not known",
      target.name, base::to_text(target.serve.running->endpoint));
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
  POOLBENCH_TRY(prepare_services());
  POOLBENCH_TRY(make_certificate());
  if (!first.target.runs_already()) {
    POOLBENCH_TRY(make_databases(environment, first));
  } else if (first.postgres.source == scenario::PostgresSettings::Source::kExternal) {
    POOLBENCH_TRY(look_at_postgres(environment));
  }
  POOLBENCH_TRY(describe_services(environment));
  return describe_targets(environment);
}

void Setup::warn(report::Environment& environment, const std::string& text) {
  observer_.note(text);
  environment.warnings.push_back(text);
}

base::Result<void> Setup::find_generators(report::Environment& environment) {
  for (const scenario::SkippedCell& cell : scenario_.skipped_cells) {
    warn(environment, fmt::format("{} is left out: {}", cell.id, cell.why));
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
    if (target.serve.running || prepared_.contains(&target)) continue;
    auto prepared = prepare_once(target, cache_, supervisor_, observer_);
    if (!prepared) return tl::unexpected(prepared.error());
    prepared_[&target] = *std::move(prepared);
  }
  return {};
}

base::Result<void> Setup::prepare_services() {
  for (const scenario::Cell& cell : scenario_.cells) {
    for (const scenario::ServiceUse& service : cell.services.all()) {
      const scenario::ServiceSpec& spec = *service.spec;
      if (prepared_services_.contains(&spec)) continue;
      auto prepared = prepare_once(spec, cache_, supervisor_, observer_);
      if (prepared && !spec.prepare.command.empty() && !service::postgres_user().empty()) {
        prepared = service::copy_for_services(*prepared, folder_.scratch() / "prepared");
      }
      if (!prepared) return tl::unexpected(prepared.error());
      prepared_services_[&spec] = *std::move(prepared);
    }
  }
  return {};
}

/// One for all targets and services, which all listen at the same address.
base::Result<void> Setup::make_certificate() {
  const bool is_needed = std::ranges::any_of(scenario_.cells, [](const scenario::Cell& cell) {
    const auto services = cell.services.all();
    return cell.target.spec->serve.tls || std::ranges::any_of(services, [](const auto& service) {
             return service.spec->speaks_tls;
           });
  });
  if (!is_needed) return {};
  const auto authority = service::CertificateAuthority::create();
  POOLBENCH_TRY(authority);
  const auto certificate = authority->issue({"localhost", "127.0.0.1"});
  POOLBENCH_TRY(certificate);
  auto files = service::write_certificate(*authority, *certificate, folder_.scratch(), "target");
  if (!files) return tl::unexpected(files.error());
  tls_ = *std::move(files);
  return {};
}

/// Nothing is made in the server of an application that runs already.
base::Result<void> Setup::look_at_postgres(report::Environment& environment) {
  const scenario::PostgresSettings& settings = scenario_.cells.front().postgres;
  observer_.note("connecting to PostgreSQL, only to read its statistics");
  auto databases = service::Databases::observe(supervisor_, settings);
  if (!databases) return tl::unexpected(databases.error());
  databases_ = std::move(*databases);
  for (const std::string& warning : databases_->warnings()) warn(environment, warning);
  auto facts = postgres_facts(databases_->session(), settings);
  if (!facts) return tl::unexpected(facts.error());
  environment.postgres = std::move(*facts);
  return {};
}

base::Result<void> Setup::make_databases(report::Environment& environment,
                                         const scenario::Cell& first) {
  auto data = service::data_sets(scenario_, cache_);
  if (!data) return tl::unexpected(data.error());
  data_ = std::move(*data);
  POOLBENCH_TRY(fetch_postgres());
  POOLBENCH_TRY(start_postgres(environment));
  if (databases_->is_server_of(first.postgres)) {
    databases_->begin_trial_databases(templates_of({&first}));
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
  observer_.note(is_ours ? "starting PostgreSQL and filling the template databases"
                         : "connecting to PostgreSQL and filling the template databases");
  if (!is_ours) {
    folder_.note_elsewhere(
        fmt::format("databases named poolbench_…_{0}… may be left on the server of ${1}: drop them",
                    folder_.short_id(), first.postgres.dsn_env));
  }
  service::PostgresCluster::Places places{folder_.scratch() / "postgres", cache_,
                                          folder_.path() / "postgres.log",
                                          first.placement.postgres};
  for (const service::DataSet& data : data_) {
    if (!fresh_data_ && !data.key.empty()) places.data_keys.insert(data.key);
  }
  auto databases = service::Databases::create(supervisor_, first.postgres, std::move(places),
                                              folder_.short_id());
  if (!databases) return tl::unexpected(databases.error());
  databases_ = std::move(*databases);
  for (const std::string& warning : databases_->warnings()) warn(environment, warning);
  POOLBENCH_TRY(describe_postgres(environment));
  return make_data(environment);
}

// Each server runs once with the settings of each of its cells, so that what it refuses is known
// before anything is measured. It is described before any database is made, since it does not keep
// its settings meanwhile.
base::Result<void> Setup::describe_postgres(report::Environment& environment) {
  using Installation = std::pair<std::filesystem::path, std::string>;
  std::vector<report::PostgresFacts> servers;
  std::map<Installation, std::size_t> index;
  std::vector<const scenario::PostgresSettings*> seen;
  for (const scenario::Cell& cell : scenario_.cells) {
    const scenario::PostgresSettings& settings = cell.postgres;
    const auto is_same = [&](const auto* other) { return *other == settings; };
    const bool is_new = std::ranges::none_of(seen, is_same);
    if (is_new) POOLBENCH_TRY(databases_->ensure_running(settings));
    if (is_new) seen.push_back(&settings);
    const auto [server, is_new_server] =
        index.try_emplace({settings.bin_folder, settings.version}, servers.size());
    if (is_new_server) {
      auto facts = postgres_facts(databases_->session(), settings);
      if (!facts) return tl::unexpected(facts.error());
      servers.push_back(std::move(*facts));
      if (!environment.postgres) environment.postgres = servers.front();
    }
    servers[server->second].cells.push_back(cell.id);
  }
  if (servers.size() > 1) environment.postgres_servers = std::move(servers);
  return {};
}

base::Result<void> Setup::make_data(report::Environment& environment) {
  const auto why_not_kept = databases_->make_templates(
      data_, {folder_.path() / "data.log", cache_.writable, cache_.can_keep(), clock_});
  if (!why_not_kept) return tl::unexpected(why_not_kept.error());
  if (!why_not_kept->empty()) {
    warn(environment, fmt::format("the data could not be kept for later runs: {}", *why_not_kept));
  }
  for (const service::DataSet& data : data_) {
    const service::DataTemplate& made = databases_->template_of(*data.settings, *data.postgres);
    if (!made.was_kept) continue;
    observer_.note(fmt::format("data of target {}: kept from {} (--fresh-data makes them anew)",
                               data.settings->spec->name, made.made_at));
  }
  return {};
}

base::Result<void> Setup::describe_targets(report::Environment& environment) {
  std::vector<report::TargetFacts> targets;
  std::map<std::filesystem::path, std::size_t> index;
  for (const scenario::Cell& cell : scenario_.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    const auto [known, is_new] = index.try_emplace(target.folder, targets.size());
    if (is_new && target.serve.running) {
      warn(environment, shared_start(target));
      targets.push_back(running_target_facts(target));
    } else if (is_new) {
      auto facts = target_facts(supervisor_, target, prepared(cell));
      if (!facts) return tl::unexpected(facts.error());
      if (!facts->data_sha256.value) {
        environment.warnings.push_back(unknown_data(target));
      }
      for (const service::DataSet& data : data_) {
        if (data.settings->spec->folder != target.folder || data.is_empty()) continue;
        const service::DataTemplate& made = databases_->template_of(*data.settings, *data.postgres);
        facts->data_sets.push_back(
            {data.settings->data_params, made.made_at, made.was_kept, made.seconds});
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

base::Result<void> Setup::describe_services(report::Environment& environment) {
  using Parameters = std::map<std::string, base::Json>;
  std::map<const scenario::ServiceSpec*, std::size_t> index;
  std::set<std::pair<const scenario::ServiceSpec*, Parameters>> known;
  for (const scenario::Cell& cell : scenario_.cells) {
    for (const scenario::ServiceUse& service : cell.services.all()) {
      const scenario::ServiceSpec* spec = service.spec.get();
      if (!known.emplace(spec, service.params).second) continue;
      auto facts = service_facts(supervisor_, service, prepared_services_.at(spec));
      if (!facts) return tl::unexpected(facts.error());
      const auto [at, is_new] = index.try_emplace(spec, environment.services.size());
      if (is_new) {
        environment.services.push_back(std::move(*facts));
      } else {
        add_versions(environment.services[at->second].versions, facts->versions);
      }
    }
  }
  return {};
}

void Setup::complete(TrialSpec& spec) {
  const std::vector<std::string> templates = templates_of({&spec.cell});
  if (!templates.empty()) spec.template_database = templates.front();
  spec.prepared = prepared(spec.cell);
  ++starts_;
  spec.socket = folder_.scratch() / fmt::format("target-{}.sock", starts_);
  spec.files = folder_.scratch() / fmt::format("files-{}", starts_);
  spec.services = folder_.scratch() / fmt::format("services-{}", starts_);
  for (const scenario::ServiceUse& service : spec.cell.services.all()) {
    spec.prepared_services[service.name] = prepared_services_.at(service.spec.get());
  }
}

std::vector<std::string> Setup::templates_of(
    const std::vector<const scenario::Cell*>& cells) const {
  std::vector<std::string> names;
  if (!databases_) return names;
  for (const scenario::Cell* cell : cells) {
    names.push_back(cell->target.runs_already()
                        ? std::string()
                        : databases_->template_of(cell->target, cell->postgres).database);
  }
  return names;
}

std::vector<std::string> Setup::close() {
  std::vector<std::string> remarks;
  if (databases_) remarks = databases_->close();
  for (std::string& remark : supervisor_.stop_all()) remarks.push_back(std::move(remark));
  return remarks;
}

/// Empty for a target that needs nothing.
std::filesystem::path Setup::prepared(const scenario::Cell& cell) const {
  const auto found = prepared_.find(cell.target.spec.get());
  return found == prepared_.end() ? std::filesystem::path() : found->second;
}

}  // namespace poolbench::run
