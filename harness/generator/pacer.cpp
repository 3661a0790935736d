#include "generator/pacer.h"

#include <cmath>

#include "generator/text_template.h"

namespace poolbench::generator {

Pacer::Pacer(double rate_hz, Arrivals arrivals, std::uint64_t seed, base::SteadyTime first)
    : mean_gap_ns_(1e9 / rate_hz), arrivals_(arrivals), seed_(seed), first_(first), next_(first) {
  if (arrivals == Arrivals::kPoisson) advance();
}

void Pacer::advance() {
  ++count_;
  // From the start each time, so that rounding never adds up.
  const bool poisson = arrivals_ == Arrivals::kPoisson;
  if (poisson) elapsed_ns_ += random_gap_ns();
  const double ns = poisson ? elapsed_ns_ : static_cast<double>(count_) * mean_gap_ns_;
  next_ = first_ + base::Duration(std::llround(ns));
}

double Pacer::random_gap_ns() {
  constexpr double kTwoTo53 = 9007199254740992.0;
  const double uniform = static_cast<double>(scramble(seed_ + count_) >> 11) / kTwoTo53;
  return -std::log1p(-uniform) * mean_gap_ns_;
}

}  // namespace poolbench::generator
