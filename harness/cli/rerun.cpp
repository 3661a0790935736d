#include "cli/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "console/output.h"

namespace poolbench::cli {
namespace {

constexpr int kFewestFreshBlocks = 10;

base::Result<scenario::Scenario> load_sides(const Rerun& request,
                                            const std::vector<std::string>& only) {
  const auto read = [&](const std::filesystem::path& checkout) {
    return request.changes.read((checkout / request.scenario).string(), only);
  };
  const auto base = read(request.base), head = read(request.head);
  if (base && head) return compare::join_sides(*base, *head);
  std::vector<std::string> mistakes;  // those of the command line are the same on both sides
  for (const auto* side : {&base, &head}) {
    if (*side) continue;
    for (const scenario::Diagnostic& mistake : side->error()) {
      std::string text = scenario::to_text({mistake});
      if (std::ranges::find(mistakes, text) == mistakes.end()) mistakes.push_back(std::move(text));
    }
  }
  return base::bad_input(
      fmt::format("the scenario cannot be run in both checkouts; nothing was started:\n{}",
                  fmt::join(mistakes, "\n")));
}

base::Result<report::Report> run_to_the_end(process::Interrupt& interrupt,
                                            const scenario::Scenario& scenario,
                                            const Rerun& request) {
  auto result = run_scenario(interrupt, scenario, request.words);
  if (!result) {
    if (result.error().code == base::ErrorCode::kInterrupted) interrupt.die_of_it();
    return tl::unexpected(result.error());
  }
  console::tell("poolbench: {}: the report is {}\n", report::word_of(result->report.outcome),
                result->file.string());
  if (result->report.outcome == report::Outcome::kInterrupted) interrupt.die_of_it();
  if (result->failure) return tl::unexpected(*result->failure);
  return std::move(result->report);
}

/// The scenario of a second stage: both sides of the cells that changed, with an order of its own.
scenario::Scenario second_stage(scenario::Scenario both, const compare::Diff& first) {
  std::set<std::string> changed;
  for (const compare::DiffRow& row : first.rows) {
    if (row.verdict == report::Verdict::kImproved || row.verdict == report::Verdict::kRegressed)
      changed.insert(row.cell);
  }
  auto& comparison = both.comparisons.front();
  std::erase_if(both.cells, [&](const scenario::Cell& cell) {
    return !changed.contains(compare::id_without_side(cell.id));
  });
  std::erase_if(comparison.pairs, [&](const auto& pair) {
    return !changed.contains(compare::id_without_side(pair.first));
  });
  both.design.seed.reset();
  both.design.precision.reset();
  both.design.blocks = std::max(both.design.blocks, kFewestFreshBlocks);
  return both;
}

}  // namespace

base::Result<compare::Diff> rerun(const Rerun& request, const compare::DiffOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return tl::unexpected(interrupt.error());
  const auto both = load_sides(request, options.only);
  if (!both) return tl::unexpected(both.error());
  const auto first = run_to_the_end(*interrupt, *both, request);
  if (!first) return tl::unexpected(first.error());
  auto diff = compare::compare_sides(*first, options);
  if (!diff || !request.confirm) return diff;
  const scenario::Scenario again = second_stage(*both, *diff);
  if (again.cells.empty()) return diff;
  const auto second = run_to_the_end(*interrupt, again, request);
  if (!second) return tl::unexpected(second.error());
  compare::DiffOptions all = options;
  all.only.clear();  // the first stage has chosen
  const auto confirmation = compare::compare_sides(*second, all);
  if (!confirmation) return tl::unexpected(confirmation.error());
  compare::confirm(*diff, *confirmation);
  return diff;
}

}  // namespace poolbench::cli
