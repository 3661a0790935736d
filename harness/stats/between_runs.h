#pragma once

#include <span>

namespace poolbench::stats {

/// How far two further runs differ at most in 95 of 100 cases by what lies between runs,
/// over and above the noise within each, from the estimates of k ≥ 2 runs and their standard
/// errors: √(2 · max(0, t² · s² − 1.96² · ē²)) with the estimates' variance s², the errors' mean
/// square ē² and Student's t₀.₉₇₅ of k − 1 degrees of freedom. Added in quadrature to the
/// half-width that the noise within two runs like these gives, it makes t · √2 · s: the exact
/// prediction interval of the difference between two further normal values. In the unit of the
/// values; as many errors as values.
double run_allowance(std::span<const double> values, std::span<const double> errors);

/// The same where no other run is known, as if all that makes the values of a run differ
/// were slow against it, so that its mean wanders as its values do: 1.96 · √2 · s, with the pooled
/// variance s² of the values of both. At least one value of each, and three in all.
double drift_allowance(std::span<const double> first, std::span<const double> second);

/// The two-sided p of Student's t with so many degrees of freedom that is 0.05 where the estimate
/// is as far from no difference as its 95 % interval reaches towards it. Both distances above 0.
double p_within_reach(double distance, double reach, double freedom);

/// 1.96 standard deviations: what 95 of 100 values do not exceed, when all of them are noise about
/// zero. At least one value.
double noise_floor(std::span<const double> values);

}  // namespace poolbench::stats
