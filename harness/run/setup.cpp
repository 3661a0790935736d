#include "run/setup.h"

#include <fmt/format.h>

#include "probe/host_facts.h"
#include "run/cache.h"
#include "run/environment.h"
#include "service/prepare.h"

namespace poolbench::run {
namespace {

std::string unknown_data(const scenario::TargetSpec& target) {
  return fmt::format(
      "target {} has data.commands but no data.inputs: nothing tells one data set from another, so "
      "reports of it are not comparable; name the files that the commands read, or write "
      "inputs = [] if they read none",
      target.name);
}

}  // namespace

base::Result<void> Setup::prepare(report::Environment& environment, const scenario::Cell& first) {
  environment = probe::host_facts();
  environment.warnings = probe::host_warnings(environment);
  cache_ = open_cache(folder_.scratch() / "cache",
                      [&](const std::string& text) { note(environment, text); });
  POOLBENCH_TRY(find_generators(environment));
  POOLBENCH_TRY(prepare_targets());
  POOLBENCH_TRY(start_postgres(environment));
  database_->begin_trial_databases({database_->template_name(*first.target.spec)});
  return describe_targets(environment);
}

void Setup::note(report::Environment& environment, const std::string& text) {
  observer_.note(text);
  environment.warnings.push_back(text);
}

base::Result<void> Setup::find_generators(report::Environment& environment) {
  for (const std::string& cell : scenario_.skipped_cells) {
    note(environment, cell + " is left out: its generator is not installed");
  }
  auto tools = find_tools(supervisor_, scenario_, folder_.path());
  if (!tools) return tl::unexpected(tools.error());
  tools_ = std::move(*tools);
  const auto facts = generator_facts(scenario_, tools_);
  const bool one = facts.size() == 1;
  if (one) {
    environment.generator = facts.front();
  } else {
    environment.generators = facts;
  }
  return {};
}

base::Result<void> Setup::prepare_targets() {
  for (const scenario::Cell& cell : scenario_.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    if (prepared_.contains(target.folder)) continue;
    auto prepared = service::prepare_target(supervisor_, target, cache_,
                                            [&](const auto& text) { observer_.note(text); });
    if (!prepared) return tl::unexpected(prepared.error());
    prepared_[target.folder] = std::move(*prepared);
  }
  return {};
}

base::Result<void> Setup::start_postgres(report::Environment& environment) {
  const scenario::Cell& first = scenario_.cells.front();
  const bool is_ours = first.postgres.source == scenario::PostgresSettings::Source::kPrivate;
  observer_.note(is_ours ? "starting PostgreSQL and filling the template database"
                         : "connecting to PostgreSQL and filling the template database");
  if (!is_ours) {
    folder_.note_elsewhere(
        fmt::format("databases named poolbench_…_{0}… may be left on the server of ${1}: drop them",
                    folder_.short_id(), first.postgres.dsn_env));
  }
  auto stage =
      service::Databases::create(supervisor_, first.postgres,
                                 {folder_.scratch() / "postgres", cache_,
                                  folder_.path() / "postgres.log", first.placement.postgres},
                                 folder_.short_id());
  if (!stage) return tl::unexpected(stage.error());
  database_ = std::move(*stage);
  for (const std::string& warning : database_->warnings()) {
    observer_.note(warning);
    environment.warnings.push_back(warning);
  }
  // Before any database is made, since the server does not keep its settings meanwhile.
  auto facts = postgres_facts(database_->session(), first.postgres);
  if (!facts) return tl::unexpected(facts.error());
  environment.postgres = std::move(*facts);
  for (const scenario::Cell& cell : scenario_.cells) {
    POOLBENCH_TRY(
        database_->ensure_template(*cell.target.spec, prepared(cell), folder_.path() / "data.log"));
  }
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

base::Result<std::vector<TrialOutcome>> Setup::run(const std::vector<Task>& tasks,
                                                   const std::vector<const scenario::Cell*>& next) {
  POOLBENCH_TRY(database_->ensure_running(tasks.front().cell->postgres));
  const auto template_of = [&](const scenario::Cell& of) {
    return database_->template_name(*of.target.spec);
  };
  TrialStage stage{clock_, supervisor_, observer_, *database_, tools_, {}};
  for (const scenario::Cell* cell : next) stage.next_templates.push_back(template_of(*cell));
  std::vector<TrialPlan> plans;
  for (const Task& task : tasks) {
    plans.push_back({task.cell, template_of(*task.cell), prepared(*task.cell), task.folder});
  }
  return run_trials(stage, plans);
}

std::vector<std::string> Setup::close() {
  std::vector<std::string> remarks;
  if (database_) remarks = database_->close();
  for (std::string& remark : supervisor_.stop_all()) remarks.push_back(std::move(remark));
  return remarks;
}

const std::filesystem::path& Setup::prepared(const scenario::Cell& cell) const {
  return prepared_.at(cell.target.spec->folder);
}

}  // namespace poolbench::run
