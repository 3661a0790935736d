#include "compare/run_spread.h"

#include <algorithm>
#include <cmath>

#include "compare/history.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

/// Runs as values with their errors.
struct Series {
  std::vector<double> values, errors;
  void add(const HistoryLine& run) {
    if (!run.standard_error) return;
    values.push_back(run.log_value);
    errors.push_back(*run.standard_error);
  }
};

Series series_of(const std::vector<HistoryLine>& lines) {
  Series series;
  for (const HistoryLine& run : lines) series.add(run);
  return series;
}

/// Of lines of one cell: what came before the last change of level was other software.
Series since_last_change(const std::vector<HistoryLine>& lines) {
  Series series;
  const auto found = trends(lines, {}, {});
  if (found.size() != 1) return series;
  const Trend& trend = found.front();
  const std::string from = trend.changes.empty() ? "" : trend.changes.back().report_id;
  for (const HistoryLine& run : trend.runs) {
    if (run.report_id == from) series = {};
    series.add(run);
  }
  return series;
}

std::optional<RunSpread> estimate(const Series& series, const char* source) {
  if (series.values.size() < kFewestRuns) return std::nullopt;
  return RunSpread{std::expm1(stats::run_allowance(series.values, series.errors)), source,
                   static_cast<int>(series.values.size())};
}

bool names(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<HistoryLine> history_of(const HistoryLine& like, const Background& background,
                                    const std::vector<std::string>& without) {
  std::vector<HistoryLine> lines;
  for (const HistoryLine& line : background.history) {
    const bool same = line.cell == like.cell && line.metric == like.metric &&
                      line.scenario == like.scenario && line.conditions == like.conditions &&
                      line.anchor == like.anchor && line.machine == like.machine;
    if (same && !names(without, line.report_id)) lines.push_back(line);
  }
  return lines;
}

/// Of the A/A study on this machine, measured in the same way: the cell that is compared through
/// the other, or that other.
std::vector<HistoryLine> aa_of(const HistoryLine& like, const Background& background,
                               bool through_anchor, const std::vector<std::string>& without) {
  std::vector<HistoryLine> lines;
  for (const HistoryLine& line : background.aa_study) {
    const bool same = line.metric == like.metric && line.machine == like.machine &&
                      line.in_turns == like.in_turns && line.anchor.empty() != through_anchor;
    if (same && !names(without, line.report_id)) lines.push_back(line);
  }
  return lines;
}

}  // namespace

RunSpread spread_for(const HistoryLine& like, const Background& background,
                     const std::vector<std::string>& without) {
  const auto own = estimate(since_last_change(history_of(like, background, without)), "history");
  if (own) return *own;
  const auto lines = aa_of(like, background, !like.anchor.empty(), without);
  const auto study = estimate(series_of(lines), "aa_study");
  return study && study->relative > kDefaultRunSpread ? *study : RunSpread{};
}

RunSpread spread_of_blocks(std::span<const double> base, std::span<const double> head) {
  if (base.empty() || head.empty() || base.size() + head.size() < 3) return {};
  const double relative = std::expm1(stats::drift_allowance(base, head));
  if (relative <= kDefaultRunSpread) return {};
  return {relative, "blocks", 0};
}

double noise_floor_for(const HistoryLine& like, const Background& background) {
  const auto series = series_of(aa_of(like, background, true, {}));
  if (series.values.size() < kFewestRuns) return 0;
  return std::expm1(stats::noise_floor(series.values));
}

}  // namespace poolbench::compare
