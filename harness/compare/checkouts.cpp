#include "compare/checkouts.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/format/render.h"
#include "report/json_place.h"
#include "scenario/scenario.h"

namespace poolbench::compare {
namespace {

constexpr const char* kBase = "base";
constexpr const char* kHead = "head";

/// "all" is the id of a cell without axes.
std::string id_with(const char* side, const std::string& id) {
  return id == "all" ? fmt::format("{}={}", kSideAxis, side)
                     : fmt::format("{}={},{}", kSideAxis, side, id);
}

void add_cells(const scenario::Scenario& from, const char* side, scenario::Scenario& both) {
  for (scenario::Cell cell : from.cells) {
    cell.id = id_with(side, cell.id);
    cell.factors.insert(cell.factors.begin(), {kSideAxis, kSideAxis, side});
    both.cells.push_back(std::move(cell));
  }
  for (const scenario::SkippedCell& cell : from.skipped_cells) {
    both.skipped_cells.push_back({id_with(side, cell.id), cell.why});
  }
}

scenario::Comparison comparison_of(const scenario::Scenario& base, const scenario::Scenario& head) {
  scenario::Comparison comparison;
  comparison.name = "base to head";
  comparison.metrics = {"throughput_requests_per_second"};
  for (const scenario::Cell& cell : base.cells) {
    const bool in_both = std::ranges::any_of(
        head.cells, [&](const scenario::Cell& other) { return other.id == cell.id; });
    if (in_both) {
      comparison.pairs.emplace_back(id_with(kBase, cell.id), id_with(kHead, cell.id));
    }
  }
  return comparison;
}

/// What a run that holds several targets says of the one that this cell uses.
std::optional<report::TargetFacts> target_of(const report::Report& both, const std::string& cell) {
  for (report::TargetFacts target : both.environment.targets) {
    if (std::ranges::find(target.cells, cell) == target.cells.end()) continue;
    target.cells.clear();
    return target;
  }
  return std::nullopt;
}

report::Report side_of(const report::Report& both, const char* side) {
  report::Report report = both;
  report.report_id = fmt::format("{} of {}", side, both.report_id);
  report.cells.clear();
  report.comparisons.clear();
  for (report::CellReport cell : both.cells) {
    if (report::look_up<std::string>(cell.factors, {kSideAxis}) != side) continue;
    if (auto target = target_of(both, cell.id)) report.environment.target = std::move(target);
    cell.id = id_without_side(cell.id);
    cell.factors.erase(kSideAxis);
    report.cells.push_back(std::move(cell));
  }
  report.environment.targets.clear();  // both sides ran with the same ones
  return report;
}

}  // namespace

std::string id_without_side(const std::string& id) {
  const std::size_t comma = id.find(',');
  return comma == std::string::npos ? "all" : id.substr(comma + 1);
}

base::Result<scenario::Scenario> join_sides(const scenario::Scenario& base,
                                            const scenario::Scenario& head) {
  scenario::Scenario both = base;
  both.cells.clear();
  both.skipped_cells.clear();
  both.hypotheses.clear();
  both.references.clear();
  both.comparisons = {comparison_of(base, head)};
  if (both.comparisons.front().pairs.empty()) {
    return base::bad_input("the scenarios of base and head have no cell in common",
                           head.file.string(), "compare two states of the same scenario");
  }
  both.axes.insert(both.axes.begin(), {kSideAxis, kSideAxis, {kBase, kHead}});
  add_cells(base, kBase, both);
  add_cells(head, kHead, both);
  if (!base.design.slice && !head.design.slice) return both;
  const std::string why = scenario::hindrance_to_turns(both.cells);
  if (why.empty()) return both;
  return base::bad_input("base and head cannot take turns: " + why, head.file.string(),
                         "make the two scenarios agree, or leave design.slice out of both");
}

std::pair<report::Report, report::Report> split_sides(const report::Report& both) {
  return {side_of(both, kBase), side_of(both, kHead)};
}

base::Result<Diff> compare_sides(const report::Report& both, DiffOptions options) {
  options.same_run = true;
  const auto [base, head] = split_sides(both);
  return compare_reports(base, head, options);
}

void confirm(Diff& first, const Diff& second) {
  for (DiffRow& row : first.rows) {
    if (row.verdict != report::Verdict::kImproved && row.verdict != report::Verdict::kRegressed)
      continue;
    const auto again = std::ranges::find_if(second.rows, [&](const DiffRow& other) {
      return other.cell == row.cell && other.metric == row.metric;
    });
    const bool agree = again != second.rows.end() && again->verdict == row.verdict;
    const std::string found =
        again == second.rows.end()
            ? "nothing"
            : fmt::format("{} % {} in {} fresh blocks", change_text(*again), interval_text(*again),
                          std::min(again->base.n, again->head.n));
    row.reason = fmt::format("{}: {}", agree ? "confirmed" : "not confirmed", found);
    if (agree) continue;
    const bool lost =
        again != second.rows.end() && again->verdict == report::Verdict::kIncomparable;
    if (lost) row.reason = "not confirmed: " + again->reason;
    row.verdict = lost ? report::Verdict::kIncomparable : report::Verdict::kInconclusive;
    row.strict = false;
  }
}

}  // namespace poolbench::compare
