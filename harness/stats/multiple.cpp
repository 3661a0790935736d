#include "stats/multiple.h"

#include <algorithm>
#include <numeric>

namespace poolbench::stats {

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> by_size(p_values.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::sort(by_size.begin(), by_size.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double smallest = 1.0;
  for (std::size_t rank = by_size.size(); rank > 0; --rank) {
    const std::size_t index = by_size[rank - 1];
    const double scaled =
        p_values[index] * static_cast<double>(p_values.size()) / static_cast<double>(rank);
    smallest = std::min(smallest, scaled);
    adjusted[index] = smallest;
  }
  return adjusted;
}

}  // namespace poolbench::stats
