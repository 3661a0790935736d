#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace poolbench::report {

enum class Colour { kPlain, kBold, kDim, kGreen, kRed, kYellow };

/// The text in that colour for a terminal, or as it is if `enabled` is false.
std::string paint(std::string_view text, Colour colour, bool enabled);

/// Columns a terminal needs: one per code point (reports hold no wide characters of ours).
std::size_t display_width(std::string_view text);

using base::printable;

/// A text that may hold what paint() made: its colours stay, all else becomes printable, in lines.
std::string printable_painted(std::string_view text);

/// Breaks at spaces so that no line exceeds `width` columns, if words allow; every line, the first
/// too, starts with `indent` spaces. No final newline.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

/// Aligned columns of text without lines: two spaces between columns, none at line ends.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Cell {
    std::string text;
    Colour colour = Colour::kPlain;
  };
  using Row = std::vector<Cell>;

  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}

  /// At most as many cells as columns; cells left out are empty.
  void add(Row row) { rows_.push_back({std::move(row), {}}); }
  /// A line of its own between the rows, as wide as it likes; indented like them.
  void add_line(std::string line) { rows_.push_back({{}, std::move(line)}); }
  [[nodiscard]] std::size_t width() const;
  /// Every row indented and ended by a newline. A column without any text takes no room.
  [[nodiscard]] std::string to_text(bool colour, std::size_t indent = 0) const;

 private:
  struct Line {
    Row cells;
    std::string whole;  // instead of cells, if not empty
  };
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<Align> columns_;
  std::vector<Line> rows_;
};

}  // namespace poolbench::report
