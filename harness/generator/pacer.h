#pragma once

#include <cstdint>

#include "base/time.h"
#include "generator/options.h"

namespace poolbench::generator {

/// The planned times of one thread's requests in an open loop. They depend on nothing that happens.
class Pacer {
 public:
  /// `rate_hz` is this thread's share; `first` is when its first request is due if the arrivals are
  /// constant, and when the clock of a Poisson process starts.
  Pacer(double rate_hz, Arrivals arrivals, std::uint64_t seed, base::SteadyTime first);

  [[nodiscard]] base::SteadyTime next() const { return next_; }
  void advance();

 private:
  [[nodiscard]] double random_gap_ns();

  double mean_gap_ns_;
  Arrivals arrivals_;
  std::uint64_t seed_;
  base::SteadyTime first_;
  std::uint64_t count_ = 0;
  double elapsed_ns_ = 0;  // Poisson
  base::SteadyTime next_;
};

}  // namespace poolbench::generator
