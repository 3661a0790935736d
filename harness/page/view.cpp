#include "page/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/metric.h"
#include "stats/inference.h"

namespace poolbench::page {

using report::CellReport;

std::string cpu_text(double ms) { return group_thousands(fmt::format("{:.2f}", ms)); }

const report::Summary* summary_of(const CellReport& cell, const std::string& metric) {
  const auto found = std::ranges::find(cell.summary, metric, &report::Summary::metric);
  return found == cell.summary.end() ? nullptr : &*found;
}

std::string why_unknown(const CellReport& cell, const std::string& metric) {
  if (cell.status == report::CellStatus::kFailed) return "the cell failed";
  if (cell.trials.empty()) return "not run";
  const auto* const summary = summary_of(cell, metric);
  if (summary != nullptr && !summary->reason.empty()) return base::printable(summary->reason);
  const auto known = report::find_metric(metric, {});  // columns are built-in metrics
  if (known) {
    for (const report::Trial& trial : cell.trials) {
      const report::Reasons reasons = report::reasons_of(trial);
      for (const std::string_view name : known->missing_as) {
        const auto reason =
            std::ranges::find(reasons, name, [](const auto& pair) { return pair.first; });
        if (!name.empty() && reason != reasons.end()) return base::printable(reason->second);
      }
    }
  }
  return summary == nullptr ? "the report does not tell" : "no trial that counts has it";
}

Figure summary_figure(const Source& source, std::size_t cell, const std::string& metric,
                      double factor, std::string (*text)(double)) {
  const CellReport& report = source.report.cells[cell];
  const auto* const summary = summary_of(report, metric);
  if (summary == nullptr || !summary->median) return unknown(why_unknown(report, metric));
  Figure figure;
  figure.text = text(*summary->median * factor);
  figure.value = *summary->median;
  figure.pointer = fmt::format("/cells/{}/summary/{}/median", cell, pointer_part(metric));
  if (summary->ci_low && summary->ci_high) {
    figure.interval = range_text(text(*summary->ci_low * factor), text(*summary->ci_high * factor));
  }
  return figure;
}

void set_pair(View& view, const Source& source, const std::string& baseline,
              const std::string& candidate) {
  const CellName from = source.cells.named(baseline), to = source.cells.named(candidate);
  const auto shared = shared_axes(from, to);
  View from_view = from.view_without(shared), to_view = to.view_without(shared);
  for (View* each : {&from_view, &to_view}) each->set("has_rest", false);
  view.set("baseline", from_view);
  view.set("candidate", to_view);
  view.set("shared", from.label_of(shared));
  view.set("has_shared", !shared.empty());
}

View verdict_view(std::string_view verdict) {
  struct Shown {
    std::string_view verdict, mark, word;
  };
  constexpr std::array kShown = {
      Shown{"improved", "✓", "improved"},         Shown{"confirmed", "✓", "confirmed"},
      Shown{"regressed", "✗", "regressed"},       Shown{"refuted", "✗", "refuted"},
      Shown{"no_change", "≈", "no change"},       Shown{"inconclusive", "?", "inconclusive"},
      Shown{"incomparable", "–", "incomparable"},
  };
  const auto* const shown = std::ranges::find(kShown, verdict, &Shown::verdict);
  View view;
  view.set("mark", std::string(shown->mark));
  view.set("word", std::string(shown->word));
  view.set("class", std::string(verdict));
  return view;
}

std::optional<double> centre_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return stats::Location(values).estimate();
}

}  // namespace poolbench::page
