#pragma once

#include <string>
#include <vector>

#include "report/report.h"
#include "scenario/scenario.h"

// Reports with given numbers, for this room's tests.

namespace poolbench::compare::fixture {

/// A good trial with this throughput.
inline report::Trial trial(int block, double rate) {
  report::Trial trial;
  trial.block = block;
  trial.measurement.emplace().throughput_requests_per_second = rate;
  trial.measurement->requests = {1000, 1000, {}, 0, {}};
  return trial;
}

/// A cell with one good trial a block, summarised.
inline report::CellReport cell(const std::string& id, const std::vector<double>& rates) {
  report::CellReport cell;
  cell.id = id;
  for (const double rate : rates) {
    cell.trials.push_back(trial(static_cast<int>(cell.trials.size()), rate));
  }
  report::summarise(cell);
  return cell;
}

/// Rates near `rate`, a little different in every block; the same for the same arguments.
inline std::vector<double> rates(double rate, int blocks, double spread = 0.004) {
  std::vector<double> all;
  for (int block = 0; block < blocks; ++block) {
    all.push_back(rate * (1 + spread * (block * 7 % 11 - 5) / 5.0));
  }
  return all;
}

inline scenario::Comparison comparison(const std::string& baseline, const std::string& candidate) {
  return {
      candidate + " or " + baseline, {"throughput_requests_per_second"}, {{baseline, candidate}}};
}

}  // namespace poolbench::compare::fixture
