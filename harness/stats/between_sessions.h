#pragma once

#include <span>

namespace poolbench::stats {

/// The variance of k ≥ 2 sessions' estimates beyond what their own standard errors explain:
/// max(0, s² − mean of the squared errors), the method of moments of DerSimonian and Laird (1986)
/// with equal weights. As many errors as values.
double between_session_variance(std::span<const double> values, std::span<const double> errors);

/// How far two further sessions differ at most in 95 of 100 cases by what lies between sessions
/// alone: t₀.₉₇₅ with k − 1 degrees of freedom × √(2 × variance). In the unit of the values.
double session_allowance(double variance, std::size_t sessions);

/// 1.96 standard deviations: what 95 of 100 values do not exceed, when all of them are noise about
/// zero. At least one value.
double noise_floor(std::span<const double> values);

}  // namespace poolbench::stats
