#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolbench::report {

/// Text that Markdown shows as it is, within a table's cell too.
std::string markdown_text(std::string_view text);

/// "| a | b |", its texts as they are, with a line end.
std::string markdown_row(const std::vector<std::string>& cells);

/// The content below a line that opens it; nothing without content.
std::string markdown_folded(const std::string& line, const std::string& content);

}  // namespace poolbench::report
