#pragma once

#include <string>
#include <vector>

#include "generator/options.h"
#include "generator/run.h"

namespace poolbench::generator {

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
  [[nodiscard]] std::string course_line(const Progress& progress) const;
  [[nodiscard]] std::string rate_line(const Progress& progress) const;

  const Options& options_;
  std::vector<double> rates_;  ///< of the last looks
  std::size_t drawn_ = 0;      ///< lines on the terminal
};

}  // namespace poolbench::generator
