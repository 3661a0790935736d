#include "stats/signed_rank.h"

#include <algorithm>

namespace poolbench::stats {

SignedRank::SignedRank(int n) {
  const auto ranks = static_cast<std::size_t>(std::max(n, 0));
  cumulative_.assign(ranks * (ranks + 1) / 2 + 1, 0.0);
  cumulative_[0] = 1.0;
  std::size_t largest = 0;
  for (std::size_t rank = 1; rank <= ranks; ++rank) {
    largest += rank;
    for (std::size_t t = largest + 1; t-- > 0;) {
      cumulative_[t] = (cumulative_[t] + (t >= rank ? cumulative_[t - rank] : 0.0)) / 2;
    }
  }
  for (std::size_t t = 1; t < cumulative_.size(); ++t) cumulative_[t] += cumulative_[t - 1];
}

double SignedRank::at_most(std::int64_t t) const {
  if (t < 0) return 0.0;
  if (t >= max()) return 1.0;
  return cumulative_[static_cast<std::size_t>(t)];
}

double SignedRank::at_least(std::int64_t t) const {
  // The distribution is symmetric about max / 2; this way no digits are lost in 1 − P.
  return at_most(max() - t);
}

std::int64_t SignedRank::critical(double alpha) const {
  const auto above = std::upper_bound(cumulative_.begin(), cumulative_.end(), alpha);
  return above - cumulative_.begin() - 1;
}

std::int64_t SignedRank::max() const { return static_cast<std::int64_t>(cumulative_.size()) - 1; }

}  // namespace poolbench::stats
