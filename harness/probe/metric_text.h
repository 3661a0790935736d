#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

// The number of a declared metric in a text that somebody else wrote. Nothing here does I/O; every
// failure says in words why there is no number.

namespace poolbench::probe {

/// The number at a JSON pointer.
base::Result<double> number_in_json(std::string_view text, const std::string& pointer);

/// The sum of the samples of that name which have these labels, and perhaps others, in Prometheus'
/// text format (0.0.4, and what OpenMetrics 1.0 has in common with it).
base::Result<double> number_in_prometheus(std::string_view text, std::string_view name,
                                          const std::map<std::string, std::string>& labels);

/// What the lines of a log tell in which a pattern is found.
struct LogNumbers {
  std::size_t lines = 0;  ///< in which it is found
  double sum = 0;         ///< of the numbers in its group; without a group of 1 for each line
  double largest = 0;
};
/// Lines are looked at as far as their first 4096 bytes. Fails where the group holds no number.
base::Result<LogNumbers> numbers_in_log(std::string_view text, const std::string& pattern);

}  // namespace poolbench::probe
