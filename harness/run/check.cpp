#include "run/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "process/supervisor.h"
#include "report/format/text.h"
#include "run/preparation.h"
#include "run/resources.h"
#include "service/postgres/external.h"
#include "service/running_server.h"

namespace poolbench::run {
namespace {

CheckedCell checked(const scenario::Cell& cell, TrialOutcome outcome) {
  const bool is_good = outcome.trial.status == report::TrialStatus::kOk;
  CheckedCell result{.cell = cell.id,
                     .verified = std::move(outcome.verified),
                     .ready = outcome.trial.ready,
                     .failure = {},
                     .warnings = std::move(outcome.trial.warnings)};
  if (is_good && result.verified) return result;
  result.verified.reset();
  result.failure = outcome.trial.reasons.empty()
                       ? std::string(report::word_of(outcome.trial.status))
                       : fmt::format("{}", fmt::join(outcome.trial.reasons, "; "));
  return result;
}

/// The trial that checks one cell.
base::Result<TrialSpec> trial_of(const RunFolder& folder, const scenario::Scenario& scenario,
                                 std::size_t index) {
  TrialSpec spec{.cell = scenario.cells[index], .cell_index = index};
  spec.position = static_cast<int>(index);
  spec.only_verified = true;
  auto made = folder.make_trial_folder(spec);
  if (!made) return tl::unexpected(made.error());
  spec.folder = std::move(*made);
  return spec;
}

base::Result<void> check_cells(const RunFolder& folder, const scenario::Scenario& scenario,
                               BlockRunner& blocks, Observer& observer, CheckResult& result) {
  report::Environment environment;
  POOLBENCH_TRY(blocks.prepare(environment, scenario.cells.front()));
  result.postgres = report::postgres_text(environment);
  for (std::size_t i = 0; i < scenario.cells.size(); ++i) {
    auto spec = trial_of(folder, scenario, i);
    if (!spec) return tl::unexpected(spec.error());
    observer.note(
        fmt::format("checking {} ({} of {})", spec->cell.id, i + 1, scenario.cells.size()));
    std::vector<const scenario::Cell*> next;
    if (i + 1 < scenario.cells.size()) next.push_back(&scenario.cells[i + 1]);
    auto outcome = blocks.run_block({std::move(*spec)}, next);
    if (!outcome) return tl::unexpected(outcome.error());
    if (outcome->interrupted) return base::interrupted("interrupted");
    result.cells.push_back(checked(scenario.cells[i], std::move(outcome->trials.front())));
  }
  return {};
}

}  // namespace

base::Result<CheckResult> check_in(const RunFolder& folder, const scenario::Scenario& scenario,
                                   BlockRunner& blocks, Observer& observer) {
  CheckResult result;
  const auto done =
      base::guarded([&] { return check_cells(folder, scenario, blocks, observer, result); });
  result.warnings = blocks.close();
  if (!done) return tl::unexpected(done.error());
  return result;
}

base::Result<CheckResult> check(const scenario::Scenario& scenario, const RunOptions& options,
                                const base::Clock& clock, process::Supervisor& supervisor,
                                Observer& observer) {
  POOLBENCH_TRY(service::check_addresses(scenario));
  POOLBENCH_TRY(service::check_reach(scenario));
  const auto lock =
      MachineLock::take(supervisor.run_id(), options.wait, clock, supervisor.interrupt(), observer);
  if (!lock) return tl::unexpected(lock.error());
  const auto folder = RunFolder::create_temporary(supervisor.run_id());
  if (!folder) return tl::unexpected(folder.error());
  const auto chosen = without_missing_targets(scenario, *folder, supervisor, observer);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto blocks =
      local_block_runner(*chosen, clock, supervisor, observer, *folder, options.fresh_data);
  return check_in(*folder, *chosen, *blocks, observer);
}

}  // namespace poolbench::run
