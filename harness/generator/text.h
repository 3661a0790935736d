#pragma once

#include <string>
#include <vector>

#include "generator/options.h"
#include "generator/run.h"
#include "report/measurement.h"

namespace poolbench::generator {

/// "mean 1.200  p50 1.000 …" in milliseconds, of the quantiles there are; empty if none.
std::string quantiles_text(const report::Quantiles& quantiles);

/// A column of one character for each value, the highest of them being full.
std::string columns(const std::vector<double>& values);

/// A measurement for a person: totals, rate and its course, the distribution of latencies,
/// quantiles, connecting, status codes, errors by class, what the generator used, warnings.
std::string load_text(const report::Measurement& measurement);

/// What a person sees of a load while it runs, drawn again and again over the same lines of a
/// terminal: how far it is, the rate now and before, the latencies so far, the errors.
class LiveView {
 public:
  /// `options` must outlive it.
  explicit LiveView(const Options& options) : options_(options) {}

  /// The lines to show now. Call it for each look: it remembers the rates.
  std::vector<std::string> lines(const Progress& progress);

  /// Shows them on stderr.
  void draw(const Progress& progress);
  /// Takes them away.
  void erase();

 private:
  [[nodiscard]] std::string progress_line(const Progress& progress) const;
  [[nodiscard]] std::string rate_line(const Progress& progress) const;

  const Options& options_;
  std::vector<double> rates_;  ///< of the last looks
  std::size_t drawn_ = 0;      ///< lines on the terminal
};

}  // namespace poolbench::generator
