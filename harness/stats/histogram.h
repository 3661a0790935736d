#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace poolbench::stats {

/// Counts of whole numbers from 1 to 3,600,000,000 (microseconds: 1 µs to 1 h) to three significant
/// digits, in the bucket layout of HdrHistogram (http://hdrhistogram.org), so that its readers
/// understand what encode() writes. Every number is reported as the reference library reports it:
/// quantiles and max as the highest, min as the lowest value that falls into the same bucket.
class Histogram {
 public:
  static constexpr std::uint64_t kLowest = 1;
  static constexpr std::uint64_t kHighest = 3'600'000'000;

  Histogram();
  Histogram(const Histogram& other);
  Histogram(Histogram&&) = default;
  Histogram& operator=(const Histogram& other);
  Histogram& operator=(Histogram&&) = default;
  ~Histogram() = default;

  /// Adds `count` values in constant time, without allocating. A value outside the range is counted
  /// as the nearest one inside, and in clamped().
  void record(std::uint64_t value, std::uint64_t count = 1);

  /// Adds all of the other's values: equal to one histogram that recorded both.
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return total_; }
  /// How many of them were outside of the range.
  [[nodiscard]] std::uint64_t clamped() const { return clamped_; }
  /// How many values are at most `value` (or share its bucket).
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t value) const;

  /// 0 when there is no value.
  [[nodiscard]] std::uint64_t min() const;
  [[nodiscard]] std::uint64_t max() const;
  /// Mean of the middles of the buckets; 0 when there is no value.
  [[nodiscard]] double mean() const;
  /// The value at rank round(q · count), at least 1; q from 0 to 1. 0 when there is no value.
  [[nodiscard]] std::uint64_t value_at_quantile(double q) const;
  /// The same of several, each at least the one before, in the time of one.
  [[nodiscard]] std::vector<std::uint64_t> values_at_quantiles(
      std::span<const double> rising) const;

  /// HdrHistogram V2, deflated, in base64.
  [[nodiscard]] std::string encode() const;
  /// The reverse; also for what other HdrHistogram libraries wrote, when it has this range's unit
  /// and precision. kBadInput says what is wrong with the text.
  static base::Result<Histogram> decode(std::string_view text);

 private:
  struct Free {
    void operator()(std::uint64_t* counts) const;
  };
  // Zeroed by the kernel, so that only the pages in use take memory: a vector would write them all.
  std::unique_ptr<std::uint64_t[], Free> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t clamped_ = 0;
};

}  // namespace poolbench::stats
