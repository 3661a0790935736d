#include "run/validity.h"

namespace poolbench::run {

report::Demands demands_of(const scenario::Cell& cell) {
  return {cell.load.tolerated_error_ratio,
          cell.load.rate_hz,
          cell.load.slice,
          cell.load.connections,
          !cell.load.requests,
          cell.uses_database()};
}

Disturbance judge(report::Trial& trial, const scenario::Cell& cell) {
  return report::judge(trial, demands_of(cell));
}

}  // namespace poolbench::run
