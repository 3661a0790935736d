#pragma once

#include <string>
#include <vector>

#include "load/options.h"
#include "load/run.h"

namespace poolbench::cli {

/// What a person sees of a load while it runs, drawn again and again over the same lines of a
/// terminal: how far it is, the rate now and before, the latencies so far, the errors.
class LiveView {
 public:
  /// `options` must outlive it.
  explicit LiveView(const load::Options& options) : options_(options) {}

  /// The lines to show now. Call it for each look: it remembers the rates.
  std::vector<std::string> lines(const load::Progress& progress);

  /// Shows them on stderr.
  void draw(const load::Progress& progress);
  /// Takes them away.
  void erase();

 private:
  [[nodiscard]] std::string course_line(const load::Progress& progress) const;
  [[nodiscard]] std::string rate_line(const load::Progress& progress) const;

  const load::Options& options_;
  std::vector<double> rates_;  ///< of the last looks
  std::size_t drawn_ = 0;      ///< lines on the terminal
};

}  // namespace poolbench::cli
