#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.h"

namespace poolbench::run {

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

}  // namespace poolbench::run
