#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/history.h"

namespace poolbench::compare {

/// How far two runs of the same software on the same machine are taken to differ at most in 95
/// of 100 cases, relative, when nothing better is known.
inline constexpr double kDefaultRunSpread = 0.05;
/// The fewest runs from which the spread is estimated.
inline constexpr std::size_t kFewestRuns = 8;

/// How far two runs may differ by themselves, and how that is known.
struct RunSpread {
  double relative = kDefaultRunSpread;
  std::string source = "default";  ///< given | history | aa_study | blocks | default
  int runs = 0;                    ///< that it was estimated from
};

/// What is known of the machine before two reports are compared.
struct Background {
  std::vector<HistoryLine> history;   ///< earlier runs of the scenario
  std::vector<HistoryLine> aa_study;  ///< runs of one target under two names
};

/// The spread for a cell, from the first of these that there is: eight or more runs of this
/// cell and metric under the same conditions since its last change (less `without`: the reports to
/// be compared); as many of the A/A study on the same machine, in turns if these are, if that gives
/// more than 5 %: it is of another cell, and noise of its own may hide how little its runs
/// differ; 5 %. `like` is the cell's line in one of the reports.
RunSpread spread_for(const HistoryLine& like, const Background& background,
                     const std::vector<std::string>& without);

/// The spread of values that no anchor relates to their run, where nothing is known of the
/// machine: 5 %, or what the blocks of the two runs (as logarithms) show if that is more.
RunSpread spread_of_blocks(std::span<const double> base, std::span<const double> head);

/// What 95 of 100 comparisons of equals do not exceed within a run of the machine's A/A study
/// (in turns if these are), relative; 0 with fewer than eight runs.
double noise_floor_for(const HistoryLine& like, const Background& background);

}  // namespace poolbench::compare
