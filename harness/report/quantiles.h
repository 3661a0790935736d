#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace poolbench::stats {
class Histogram;
}

namespace poolbench::report {

/// The answers that have to lie beyond a quantile: below them chance rules it.
inline constexpr std::uint64_t kAnswersBeyond = 10;
/// The same in reports before schema 1.2, which have no p95 either.
inline constexpr std::uint64_t kAnswersBeyondBefore12 = 100;

/// Quantiles of one histogram, in microseconds. A quantile q is present only when
/// count · (1 − q) ≥ answers_beyond; p50 whenever there is a value at all.
struct Quantiles {
  std::uint64_t count = 0;
  std::optional<double> mean, p50, p75, p90, p95, p99, p999, p9999, max;
  std::uint64_t answers_beyond = kAnswersBeyond;  ///< the rule they follow
};

/// One of them, as everything that goes through them all reads it.
struct NamedQuantile {
  const char* name;   ///< in JSON: "p999"
  const char* label;  ///< for people: "p99.9"
  double q;
  std::uint64_t one_in;  ///< one value of so many lies beyond it: 1 ÷ (1 − q)
  std::optional<double> Quantiles::* member;

  /// The least count that gives it. The median is no tail: it lies in the middle of what was seen,
  /// however little that is.
  [[nodiscard]] std::uint64_t needs(std::uint64_t answers_beyond = kAnswersBeyond) const {
    return q <= 0.5 ? 1 : answers_beyond * one_in;
  }
};

/// All of them, the lowest first.
std::span<const NamedQuantile> named_quantiles();

/// Takes away the quantiles for which `count` is too small.
void drop_unsupported(Quantiles& quantiles);

/// The quantiles of a histogram of microseconds, without those it has too few values for.
Quantiles quantiles_of(const stats::Histogram& histogram,
                       std::uint64_t answers_beyond = kAnswersBeyond);

}  // namespace poolbench::report
