#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace poolbench::base {
namespace {

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

constexpr std::size_t kLongestWord = 200;

/// Digits that differ are another number, not a slip.
bool is_number(std::string_view word) {
  return word.find_first_not_of("0123456789.+-") == std::string_view::npos;
}

/// At most so many slips make one of the other.
std::size_t most_slips(std::size_t word, std::size_t candidate) {
  return std::min(std::max<std::size_t>(1, word / 3), std::max(word, candidate) / 3);
}

}  // namespace

std::string nearest_name(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongestWord || is_number(word)) return {};
  std::size_t best = kLongestWord;
  std::string name;
  for (const std::string& candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d < best && d <= most_slips(word.size(), candidate.size())) {
      best = d;
      name = candidate;
    }
  }
  return name;
}

}  // namespace poolbench::base
