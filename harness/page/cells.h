#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "page/figure.h"
#include "report/report.h"

// How a cell is named and drawn, the same wherever a page speaks of it.

namespace poolbench::page {

/// The hues that tell cells apart; more cells use them again, with dashes and hollow dots.
inline constexpr std::size_t kHues = 8;
/// As many cells are drawn into one picture, and listed without a group.
inline constexpr std::size_t kMostInGroup = 8;

/// What a picture needs to know of a cell.
struct CellStyle {
  /// In the order of the scenario. In groups by an axis, cells that differ in that axis alone have
  /// the same one.
  std::size_t hue = 0;
  [[nodiscard]] bool is_hollow() const { return hue >= kHues; }
  /// ` class="f1" fill="#d96a0b"`: the class for the style sheet, the attribute without one.
  [[nodiscard]] std::string fill() const;
  /// ` class="s1" stroke="#d96a0b"`
  [[nodiscard]] std::string stroke() const;
  /// ` stroke-dasharray="6 3"`, or nothing for the first ones.
  [[nodiscard]] std::string dash() const;
};

struct CellName {
  std::size_t index = 0;  ///< in the report
  CellStyle style;
  std::string id;      ///< as in the report
  std::string label;   ///< "pool", or "pool=true, workers=2" where there are several axes
  std::string detail;  ///< where its settings differ from the base: "pool = true"; may be empty
  std::vector<std::pair<std::string, std::string>>
      factors;  ///< axis and value, of those that differ

  /// {label, label_tail, rest, detail, swatch, index}: the template cell-name.mustache shows it.
  [[nodiscard]] View view() const;
  /// The same with these axes apart from the others: where they are said already.
  [[nodiscard]] View view_without(const std::vector<std::string>& axes) const;
  /// Its value of the axis, or null.
  [[nodiscard]] const std::string* factor(const std::string& axis) const;
  /// The label without the values of these axes.
  [[nodiscard]] std::string label_without(const std::vector<std::string>& axes) const;
  /// "workers=1": the values of these axes alone.
  [[nodiscard]] std::string label_of(const std::vector<std::string>& axes) const;
};

/// Cells that are listed and drawn together.
struct CellGroup {
  std::string axis;   ///< which they have in common; empty: none
  std::string title;  ///< "workers = 2"; empty: all cells are in this group
  std::vector<std::size_t> cells;
};

/// The axes of which both cells have the same value; none where they differ in nothing else.
std::vector<std::string> shared_axes(const CellName& one, const CellName& other);

/// The settings of a cell, one a line: {"target.params.pool", "true"}; those that are null left
/// out.
std::map<std::string, std::string> settings_of(const report::CellReport& cell);

/// Names and groups of a report's cells.
class Cells {
 public:
  explicit Cells(const report::Report& report);

  [[nodiscard]] const std::vector<CellName>& all() const { return names_; }
  /// By id; one without a hue of its own for a cell that the report does not have.
  [[nodiscard]] CellName named(const std::string& id) const;
  [[nodiscard]] const std::vector<CellGroup>& groups() const { return groups_; }

 private:
  std::vector<CellName> names_;
  std::vector<CellGroup> groups_;
};

}  // namespace poolbench::page
