#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compare/effect.h"
#include "scenario/scenario.h"

// What the blocks of a run can find, before it; and after it how many would settle what is open.

namespace poolbench::compare {

/// How much the two trials of a block are taken to differ by chance when no earlier run tells:
/// standard deviation of ln candidate − ln baseline.
inline constexpr double kAssumedNoise = 0.05;
/// In how many of a hundred runs a change of the size that foresee() gives would be found.
inline constexpr double kForeseenPower = 0.8;

/// What a comparison of a scenario could find.
struct Foresight {
  std::string name, metric, baseline, candidate;
  double noise = kAssumedNoise;
  std::string source;            ///< id of the report the noise was taken from; empty: assumed
  std::optional<double> change;  ///< smallest relative change with a verdict; none: too few blocks
  /// "a needs load.measure = \"8s\"": why no change would get a verdict with trials as short as
  /// those of the latest report. Empty: they are long enough, or no report tells.
  std::string too_short;
};

/// For each comparison of the scenario, with the blocks it begins with. The noise is that of the
/// latest report of the same scenario and measurement below `results` with at least six blocks of
/// both cells (docs/method.md, "What a run can find").
std::vector<Foresight> foresee(const scenario::Scenario& scenario,
                               const std::filesystem::path& results);

/// Why an effect is inconclusive: what is lacking, and how many blocks would settle it.
std::string why_inconclusive(const Effect& effect, double p_adjusted, double margin);

/// The smallest shift that the two-sided signed-rank test at level `alpha` finds with probability
/// `power` in n paired differences of standard deviation `deviation`: the sample size of the t test
/// with Guenther's correction, solved for the shift, at the efficiency 3/π of the signed ranks,
///   deviation · (z(1 − α/2) + z(power)) / √(3n/π − z(1 − α/2)²/2).
/// None where n is too small for any p ≤ alpha. From eight differences on the real power is within
/// 0.08 of `power` for normal noise.
/// W. C. Guenther: Sample size formulas for normal theory t tests. Am. Stat. 35 (1981), 243–244;
/// J. L. Hodges, E. L. Lehmann: The efficiency of some nonparametric competitors of the t-test.
/// Ann. Math. Stat. 27 (1956), 324–335.
std::optional<double> detectable_shift(int n, double deviation, double alpha, double power);

/// How far above a limit the true shift has to lie so that the estimate does with probability
/// `power`: z(power) · deviation / √(3n/π).
double clearance(int n, double deviation, double power);

}  // namespace poolbench::compare
