#include "compare/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "compare/comparability.h"
#include "report/metric.h"

namespace poolbench::compare {
namespace {

using base::Json;
using report::find_cell;

bool has_factor(const report::CellReport& cell, std::string_view axis, std::string_view value) {
  if (!cell.factors.is_object()) return false;
  const auto factor = cell.factors.find(axis);
  if (factor == cell.factors.end()) return false;
  if (factor->is_string()) return factor->get_ref<const std::string&>() == value;
  return factor->dump(-1, ' ', false, Json::error_handler_t::replace) == value;
}

bool matches(const report::CellReport& cell, std::string_view selector) {
  while (!selector.empty()) {
    const std::string_view part = selector.substr(0, selector.find(','));
    selector.remove_prefix(std::min(part.size() + 1, selector.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return false;
    if (!has_factor(cell, part.substr(0, equals), part.substr(equals + 1))) return false;
  }
  return true;
}

bool chosen(const report::CellReport& cell, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& selector) {
           return matches(cell, selector);
         });
}

/// Good in both, and the same in both: what a factor under test changes relates nothing to
/// anything.
bool is_common_ground(const report::Report& base, const report::Report& head,
                      const std::string& id) {
  const auto* const from = find_cell(base, id);
  const auto* const to = find_cell(head, id);
  return from != nullptr && to != nullptr && from->status == report::CellStatus::kOk &&
         to->status == report::CellStatus::kOk && compare_settings(*from, *to, {}).empty();
}

std::string cell_list(const report::Report& report) {
  std::vector<std::string> ids;
  for (const report::CellReport& cell : report.cells) ids.push_back(cell.id);
  return fmt::format("the cells are {}", fmt::join(ids, "; "));
}

}  // namespace

base::Result<void> check_metrics(const std::vector<std::string>& metrics,
                                 const report::DeclaredMetrics& declared) {
  const auto known = report::metric_names(declared);
  for (const std::string& metric : metrics) {
    if (report::find_metric(metric, declared)) continue;
    const auto nearest = base::nearest_name(metric, known);
    return base::bad_input(fmt::format("there is no metric \"{}\"", metric), "--metric",
                           nearest.empty() ? fmt::format("choose from {}", fmt::join(known, ", "))
                                           : fmt::format("did you mean {}?", nearest));
  }
  return {};
}

base::Result<Selection> select_cells(const report::Report& base, const report::Report& head,
                                     const std::vector<std::string>& only,
                                     const std::string& anchor) {
  for (const std::string& selector : only) {
    const auto hit = [&](const report::CellReport& cell) { return matches(cell, selector); };
    if (std::any_of(base.cells.begin(), base.cells.end(), hit)) continue;
    if (std::any_of(head.cells.begin(), head.cells.end(), hit)) continue;
    return base::bad_input(fmt::format("no cell matches \"{}\"", selector), "--only",
                           cell_list(base));
  }
  Selection selection;
  for (const report::CellReport& cell : base.cells) {
    if (!chosen(cell, only) && cell.id != anchor) continue;
    if (const auto* const other = find_cell(head, cell.id)) {
      selection.matched.emplace_back(&cell, other);
    } else {
      selection.only_in_base.push_back(cell.id);
    }
  }
  for (const report::CellReport& cell : head.cells) {
    if (chosen(cell, only) && find_cell(base, cell.id) == nullptr) {
      selection.only_in_head.push_back(cell.id);
    }
  }
  return selection;
}

base::Result<std::string> choose_anchor(const report::Report& base, const report::Report& head,
                                        const std::optional<std::string>& asked) {
  if (asked == "none") return std::string();
  if (asked) {
    if (is_common_ground(base, head, *asked)) return *asked;
    return base::bad_input(
        fmt::format("\"{}\" cannot be the anchor: it is not a good cell of both reports with the "
                    "same settings",
                    *asked),
        "--anchor", cell_list(base) + "; or none");
  }
  std::vector<std::string> candidates;
  for (const auto& comparison : base.comparisons) candidates.push_back(comparison.baseline);
  for (const auto& cell : base.cells) candidates.push_back(cell.id);
  std::size_t good = 0;
  for (const auto& cell : base.cells) {
    const auto* const other = find_cell(head, cell.id);
    good += cell.status == report::CellStatus::kOk && other != nullptr &&
                    other->status == report::CellStatus::kOk
                ? 1
                : 0;
  }
  if (good < 2) return std::string();
  for (const std::string& id : candidates) {
    if (is_common_ground(base, head, id)) return id;
  }
  return std::string();
}

}  // namespace poolbench::compare
