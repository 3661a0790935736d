#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace poolbench::stats {

/// MSER-5 averages so many values to one before it looks for a beginning.
inline constexpr std::size_t kMserBatch = 5;

/// The number of values to leave out at the beginning of a series, so that its transient does not
/// weigh on the mean of the rest: MSER-5. Of the n averages Y of five values each it is the d ≤ n/2
/// that makes Σ_{i>d} (Yᵢ − Ȳ_d)² / (n − d)² least, with Ȳ_d the mean of those left; the first of
/// equals; times five. A result of n/2 averages says that the series never became steady. None for
/// fewer than four averages.
/// K. P. White Jr, M. J. Cobb, S. C. Spratt: A comparison of five steady-state truncation
/// heuristics for simulation. Proc. Winter Simulation Conference 2000, 755–760.
std::optional<std::size_t> mser5(std::span<const double> values);

/// Whether the halves of a series differ: their means by more than `least` (relative to the second)
/// and by more than three standard errors, which are taken from the averages of five values each,
/// so that neighbours may depend on each other. In a steady series of normal noise that is so in
/// 0–4 of 100 cases. False for fewer than eight averages.
bool halves_differ(std::span<const double> values, double least);

}  // namespace poolbench::stats
