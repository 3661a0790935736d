#include "report/overhead.h"

namespace poolbench::report {
namespace {

bool is_load(const std::string& phase) {
  return phase == "warm-up" || phase == "measure" || phase == "drain";
}

bool is_targets(const std::string& part) {
  return part == "boot" || part == "workers" || part == "target";
}

}  // namespace

double overhead_seconds(const std::vector<Phase>& phases) {
  double own = 0;
  for (const Phase& phase : phases) {
    if (is_load(phase.name)) continue;
    own += phase.seconds;
    for (const auto& [part, seconds] : phase.parts) {
      if (is_targets(part)) own -= seconds;
    }
  }
  return own;
}

}  // namespace poolbench::report
