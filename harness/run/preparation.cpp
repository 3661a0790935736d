#include "run/preparation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "run/block_runner.h"
#include "run/resources.h"
#include "scenario/comparisons.h"

namespace poolbench::run {
namespace {

/// The last words of a preparation, which say what is missing and what to do.
std::string last_words(const base::Error& error) {
  constexpr int kLines = 2;
  const auto lines = base::lines_of(base::tail_of_file(error.where, kLines));
  return base::printable(fmt::format("{}", fmt::join(lines, "; ")));
}

}  // namespace

base::Result<std::filesystem::path> prepare_once(const scenario::ProgramSpec& program,
                                                 const service::Cache& cache,
                                                 process::Supervisor& supervisor,
                                                 Observer& observer) {
  const auto prepared = service::find_prepared(program, cache);
  if (!prepared) return tl::unexpected(prepared.error());
  if (!prepared->is_ready) {
    observer.note(fmt::format("preparing {} {} (once; log: {})", program.kind, program.name,
                              prepared->log().string()));
    POOLBENCH_TRY(service::prepare_program(supervisor, program, *prepared));
  }
  return prepared->folder;
}

base::Result<scenario::Scenario> without_missing_targets(scenario::Scenario scenario,
                                                         const RunFolder& folder,
                                                         process::Supervisor& supervisor,
                                                         Observer& observer) {
  if (!scenario.design.skip_missing_targets) return scenario;
  const service::Cache cache = service::open_cache(folder.scratch() / "cache");
  std::map<const scenario::TargetSpec*, std::string> missing;  // empty: it is there
  std::set<std::string> stay;
  for (const scenario::Cell& cell : scenario.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    if (!target.serve.running && !missing.contains(&target)) {
      const auto prepared = prepare_once(target, cache, supervisor, observer);
      const bool is_missing = !prepared && prepared.error().code == base::ErrorCode::kUnavailable;
      if (!prepared && !is_missing) return tl::unexpected(prepared.error());
      missing[&target] = is_missing ? last_words(prepared.error()) : "";
    }
    if (missing[&target].empty()) {
      stay.insert(cell.id);
    } else {
      scenario.skipped_cells.push_back(
          {cell.id, fmt::format("target {}: {}", target.name, missing[&target])});
    }
  }
  if (stay.empty()) {
    return base::failed("none of the cells can run: " + scenario.skipped_cells.back().why);
  }
  if (stay.size() < scenario.cells.size()) scenario::keep_cells(scenario, stay);
  return scenario;
}

}  // namespace poolbench::run
