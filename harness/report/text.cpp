#include "report/text.h"

#include "report/text_parts.h"

namespace poolbench::report {

std::string to_text(const Report& report, const TextStyle& style) {
  std::string text;
  for (const auto part : {header_text, cells_text, comparisons_text, generators_text,
                          hypotheses_text, published_text, notes_text}) {
    const std::string section = part(report, style);
    if (!text.empty() && !section.empty()) text += '\n';
    text += section;
  }
  return text;
}

std::string value_text(const base::Json& value) {
  return printable(value.is_string() ? value.get<std::string>() : base::json_dump(value));
}

std::string join_parts(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!joined.empty()) joined += " · ";
    joined += part;
  }
  return joined;
}

const CellReport* find_cell(const Report& report, const std::string& id) {
  for (const CellReport& cell : report.cells) {
    if (cell.id == id) return &cell;
  }
  return nullptr;
}

}  // namespace poolbench::report
