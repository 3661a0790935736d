#include "page/cells.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "report/format/text.h"

namespace poolbench::page {
namespace {

using report::Report;

/// For readers without a style sheet: each has a contrast of 3 : 1 or more on white and on black.
constexpr std::array<const char*, kHues> kFallback = {"#4b7dea", "#d96a0b", "#0f9b83", "#c93f9a",
                                                      "#8d7a3a", "#777adb", "#c0503f", "#3d8ba3"};

const char* fallback(std::size_t hue) { return kFallback[hue % kHues]; }

void flatten(const base::Json& json, const std::string& path,
             std::map<std::string, std::string>& settings) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      flatten(value, path.empty() ? key : path + "." + key, settings);
    }
  } else if (!json.is_null()) {
    settings[base::printable(path)] = base::json_dump(json);
  }
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// The cell that the others are told from: the first comparison's baseline, or the first cell.
const report::CellReport* base_of(const Report& report) {
  for (const auto& comparison : report.comparisons) {
    const auto* const cell = report::find_cell(report, comparison.baseline);
    if (cell != nullptr) return cell;
  }
  return report.cells.empty() ? nullptr : &report.cells.front();
}

std::string detail_of(const report::CellReport& cell, const report::CellReport& base,
                      const CellName& name) {
  constexpr std::size_t kMost = 3;
  if (&cell == &base) return "the base";
  const auto own = settings_of(cell), others = settings_of(base);
  std::vector<std::string> differences;
  const auto add = [&](const std::string& path, const std::string& value) {
    if (name.factor(last_part(path)) == nullptr) {
      differences.push_back(last_part(path) + " = " + value);
    }
  };
  for (const auto& [path, value] : own) {
    const auto other = others.find(path);
    if (other == others.end() || other->second != value) add(path, value);
  }
  for (const auto& [path, value] : others) {
    if (!own.contains(path)) add(path, "none");
  }
  if (differences.size() > kMost) {
    differences.resize(kMost);
    differences.emplace_back("…");
  }
  return fmt::format("{}", fmt::join(differences, ", "));
}

/// The label in two parts: only between them, and in the second, may a line end.
void set_label(View& view, const std::string& label) {
  constexpr std::size_t kMostUnbroken = 24;
  const std::size_t comma = label.find(", ");
  const bool breaks = base::characters_in(label) > kMostUnbroken && comma != std::string::npos;
  const std::size_t head = breaks ? comma + 1 : label.size();
  view.set("label", label.substr(0, head));
  view.set("label_tail", label.substr(head));
}

std::string factor_text(const std::string& axis, const std::string& value) {
  return axis == "variant" ? value : axis + "=" + value;
}

/// Whether no comparison is between two values of the axis: then its groups lie side by side.
bool is_held_constant(const Report& report, const Cells& cells, const std::string& axis) {
  const auto value = [&](const std::string& id) {
    const CellName name = cells.named(id);
    const std::string* const factor = name.factor(axis);
    return factor == nullptr ? std::string() : *factor;
  };
  return std::ranges::all_of(report.comparisons, [&](const auto& comparison) {
    return value(comparison.baseline) == value(comparison.candidate);
  });
}

std::vector<CellGroup> groups_by(const std::vector<CellName>& names, const std::string& axis) {
  std::vector<CellGroup> groups;
  for (const CellName& name : names) {
    const std::string* const factor = name.factor(axis);
    const std::string title = factor == nullptr   ? "without " + axis
                              : axis == "variant" ? *factor
                                                  : axis + " = " + *factor;
    auto group = std::ranges::find(groups, title, &CellGroup::title);
    if (group == groups.end()) group = groups.insert(groups.end(), {axis, title, {}});
    group->cells.push_back(name.index);
  }
  return groups;
}

std::vector<CellGroup> groups_in_order(const std::vector<CellName>& names) {
  std::vector<CellGroup> groups;
  for (std::size_t begin = 0; begin < names.size(); begin += kMostInGroup) {
    const std::size_t end = std::min(begin + kMostInGroup, names.size());
    CellGroup& group = groups.emplace_back();
    group.title = fmt::format("cells {} to {}", begin + 1, end);
    for (std::size_t i = begin; i < end; ++i) group.cells.push_back(i);
  }
  return groups;
}

/// By the axis that comparisons hold constant, or else by the one with the fewest groups that are
/// small enough; in the scenario's order where no axis makes such groups.
std::vector<CellGroup> groups_of(const Report& report, const Cells& cells) {
  const auto& names = cells.all();
  if (names.size() <= kMostInGroup) {
    CellGroup all;
    for (const CellName& name : names) all.cells.push_back(name.index);
    return {all};
  }
  std::set<std::string> axes;
  for (const CellName& name : names) {
    for (const auto& [axis, value] : name.factors) axes.insert(axis);
  }
  std::vector<CellGroup> best;
  bool is_best_constant = false;
  for (const std::string& axis : axes) {
    auto groups = groups_by(names, axis);
    const bool fits = groups.size() > 1 && std::ranges::all_of(groups, [](const CellGroup& group) {
                        return group.cells.size() <= kMostInGroup;
                      });
    if (!fits) continue;
    const bool is_constant = is_held_constant(report, cells, axis);
    const bool is_better = best.empty() || (is_constant && !is_best_constant) ||
                           (is_constant == is_best_constant && groups.size() < best.size());
    if (!is_better) continue;
    best = std::move(groups);
    is_best_constant = is_constant;
  }
  return best.empty() || best.size() == names.size() ? groups_in_order(names) : best;
}

}  // namespace

std::string CellStyle::fill() const {
  return fmt::format(R"( class="f{}" fill="{}")", hue % kHues, fallback(hue));
}

std::string CellStyle::stroke() const {
  return fmt::format(R"( class="s{}" stroke="{}")", hue % kHues, fallback(hue));
}

std::string CellStyle::dash() const {
  const std::size_t round = hue / kHues;
  if (round == 0) return {};
  return round % 2 == 1 ? R"( stroke-dasharray="6 3")" : R"( stroke-dasharray="2 3")";
}

View CellName::view() const {
  constexpr const char* kFilled = R"(<rect{} width="10" height="10" rx="2"/>)";
  constexpr const char* kHollow =
      R"(<rect{} x="1" y="1" width="8" height="8" rx="1.5" fill="none" stroke-width="2"/>)";
  View view;
  set_label(view, label);
  view.set("rest", "");
  view.set("has_rest", false);
  view.set("detail", detail);
  view.set("has_detail", !detail.empty());
  view.set("index", std::to_string(index));
  view.set("swatch", style.is_hollow() ? fmt::format(kHollow, style.stroke())
                                       : fmt::format(kFilled, style.fill()));
  return view;
}

const std::string* CellName::factor(const std::string& axis) const {
  const auto found = std::ranges::find(factors, axis, &std::pair<std::string, std::string>::first);
  return found == factors.end() ? nullptr : &found->second;
}

View CellName::view_without(const std::vector<std::string>& axes) const {
  const std::string rest = label_of(axes), shown = label_without(axes);
  View short_view = view();
  if (rest.empty() || shown == label) return short_view;
  set_label(short_view, shown);
  short_view.set("rest", rest);
  short_view.set("has_rest", true);
  return short_view;
}

std::string CellName::label_without(const std::vector<std::string>& axes) const {
  std::vector<std::string> parts;
  for (const auto& [axis, value] : factors) {
    if (std::ranges::find(axes, axis) == axes.end()) parts.push_back(factor_text(axis, value));
  }
  return parts.empty() ? label.empty() ? id : label : fmt::format("{}", fmt::join(parts, ", "));
}

std::string CellName::label_of(const std::vector<std::string>& axes) const {
  std::vector<std::string> parts;
  for (const auto& [axis, value] : factors) {
    if (std::ranges::find(axes, axis) != axes.end()) parts.push_back(factor_text(axis, value));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> shared_axes(const CellName& one, const CellName& other) {
  std::vector<std::string> axes;
  for (const auto& [axis, value] : one.factors) {
    const std::string* const same = other.factor(axis);
    if (same != nullptr && *same == value) axes.push_back(axis);
  }
  const bool is_rest_empty =
      axes.size() == one.factors.size() || axes.size() == other.factors.size();
  return is_rest_empty ? std::vector<std::string>() : axes;
}

std::map<std::string, std::string> settings_of(const report::CellReport& cell) {
  std::map<std::string, std::string> settings;
  flatten(cell.config, {}, settings);
  return settings;
}

namespace {

/// The axes of which every cell has the same value, unless that is all there is to tell.
std::set<std::string> constant_axes(const Report& report) {
  std::map<std::string, std::set<std::string>> values;
  std::map<std::string, std::size_t> cells;
  for (const report::CellReport& cell : report.cells) {
    if (!cell.factors.is_object()) continue;
    for (const auto& [axis, value] : cell.factors.items()) {
      values[axis].insert(base::json_dump(value));
      ++cells[axis];
    }
  }
  std::set<std::string> constant;
  for (const auto& [axis, distinct] : values) {
    if (distinct.size() == 1 && cells[axis] == report.cells.size()) constant.insert(axis);
  }
  return constant.size() == values.size() ? std::set<std::string>() : constant;
}

}  // namespace

Cells::Cells(const Report& report) {
  const auto constant = constant_axes(report);
  const auto* const base = base_of(report);
  for (const report::CellReport& cell : report.cells) {
    CellName& name = names_.emplace_back();
    name.index = names_.size() - 1;
    name.id = base::printable(cell.id);
    if (cell.factors.is_object()) {
      for (const auto& [axis, value] : cell.factors.items()) {
        if (constant.contains(axis)) continue;
        name.factors.emplace_back(base::printable(axis), report::value_text(value));
      }
    }
    name.label = name.label_without({});
    name.detail = detail_of(cell, *base, name);
  }
  groups_ = groups_of(report, *this);
  std::vector<std::string> told_apart;
  for (CellName& name : names_) {
    const std::string label = name.label_without({groups_.front().axis});
    const auto found = std::ranges::find(told_apart, label);
    name.style.hue = static_cast<std::size_t>(found - told_apart.begin());
    if (found == told_apart.end()) told_apart.push_back(label);
  }
}

CellName Cells::named(const std::string& id) const {
  const auto found = std::ranges::find(names_, base::printable(id), &CellName::id);
  if (found != names_.end()) return *found;
  CellName name;
  name.index = name.style.hue = names_.size();
  name.id = name.label = base::printable(id);
  return name;
}

}  // namespace poolbench::page
