#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poolbench::scenario {

/// Reads CPU numbers as the kernel writes them: "0,2-3" → {0, 2, 3}, sorted, each once. Nothing for
/// anything else, an empty text, a range backwards, or a number above 4095.
std::optional<std::vector<int>> parse_cpu_list(std::string_view text);

/// The shortest text that parse_cpu_list reads back: {0, 2, 3} → "0,2-3".
std::string format_cpu_list(const std::vector<int>& cpus);

}  // namespace poolbench::scenario
