#include <algorithm>
#include <cmath>

#include "compare/history.h"

namespace poolbench::compare {
namespace {

constexpr double kLeastShift = 0.02;  // relative

std::string state_of(const std::vector<stats::ChangePoint>& points, std::size_t which,
                     std::size_t runs) {
  const double back = std::log1p(kLeastShift);
  for (std::size_t later = which + 1; later < points.size(); ++later) {
    if (std::abs(points[later].after - points[which].before) < back) return "recovered";
  }
  return runs - 1 - points[which].index >= kConfirmingRuns ? "confirmed" : "candidate";
}

void find_changes(Trend& trend, const std::set<std::string>& acknowledged) {
  std::vector<double> values;
  for (const HistoryLine& run : trend.runs) values.push_back(run.log_value);
  stats::ChangePointSearch search;
  search.least_shift = std::log1p(kLeastShift);
  const auto points = stats::change_points(values, search);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const HistoryLine& first = trend.runs[points[i].index];
    trend.changes.push_back(
        {first.report_id, first.started_at, std::exp(points[i].after - points[i].before),
         acknowledged.contains(first.report_id) ? "acknowledged"
                                                : state_of(points, i, values.size())});
  }
}

/// Keeps the runs that are comparable with the last one, each report once.
void keep_comparable(Trend& trend) {
  auto& runs = trend.runs;
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started_at, a.report_id) < std::tie(b.started_at, b.report_id);
  });
  const auto same = [](const auto& a, const auto& b) { return a.report_id == b.report_id; };
  runs.erase(std::unique(runs.begin(), runs.end(), same), runs.end());
  const HistoryLine last = runs.back();
  trend.anchor = last.anchor;
  trend.elsewhere = static_cast<int>(std::erase_if(runs, [&](const HistoryLine& run) {
    return run.conditions != last.conditions || run.anchor != last.anchor ||
           run.machine != last.machine;
  }));
}

}  // namespace

std::vector<Trend> trends(const std::vector<HistoryLine>& lines,
                          const std::vector<std::string>& metrics,
                          const std::set<std::string>& acknowledged) {
  std::vector<Trend> all;
  for (const HistoryLine& line : lines) {
    const bool wanted =
        metrics.empty() || std::find(metrics.begin(), metrics.end(), line.metric) != metrics.end();
    if (!wanted) continue;
    auto trend = std::find_if(all.begin(), all.end(), [&](const Trend& one) {
      return one.cell == line.cell && one.metric == line.metric && one.scenario == line.scenario;
    });
    if (trend == all.end()) {
      trend = all.insert(all.end(), Trend{});
      trend->scenario = line.scenario;
      trend->cell = line.cell;
      trend->metric = line.metric;
    }
    trend->runs.push_back(line);
  }
  for (Trend& trend : all) {
    keep_comparable(trend);
    find_changes(trend, acknowledged);
  }
  return all;
}

}  // namespace poolbench::compare
