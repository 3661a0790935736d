#include "report/table.h"

#include <algorithm>

namespace poolbench::report {
namespace {

constexpr std::size_t kGap = 2;

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& [row, whole] : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  return widths;
}

std::size_t Table::width() const {
  std::size_t sum = 0;
  for (const std::size_t width : widths()) sum += width > 0 ? width + kGap : 0;
  return sum > kGap ? sum - kGap : 0;
}

std::string Table::to_text(bool colour, std::size_t indent) const {
  const auto widths = this->widths();
  std::string text;
  for (const auto& [row, whole] : rows_) {
    text.append(indent, ' ');
    text += whole;
    std::size_t pending = 0;  // spaces are written only when something follows them
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      if (widths[i] == 0) continue;
      const std::size_t padding = widths[i] - display_width(row[i].text);
      const bool right = columns_[i] == Align::kRight;
      if (row[i].text.empty()) {
        pending += padding + kGap;
        continue;
      }
      text.append(pending + (right ? padding : 0), ' ');
      text += paint(row[i].text, row[i].colour, colour);
      pending = (right ? 0 : padding) + kGap;
    }
    text += '\n';
  }
  return text;
}

}  // namespace poolbench::report
