#include "scenario/turns.h"

#include <fmt/format.h>

#include <string>

namespace poolbench::scenario {
namespace {

/// Why this cell cannot take turns with the first one; empty if it can.
std::string hindrance(const Cell& cell, const Cell& first) {
  const LoadSettings& load = cell.load;
  if (load.generator != "native") return fmt::format("has load.generator {}", load.generator);
  if (load.rate_hz) return "has load.rate";
  if (load.requests) return "has load.requests";
  const auto differs = [&](const char* key) {
    return fmt::format("has another {} than {}", key, first.id);
  };
  if (load.warmup != first.load.warmup || load.warmup_by_pilots != first.load.warmup_by_pilots) {
    return differs("load.warmup");
  }
  if (load.measure != first.load.measure) return differs("load.measure");
  if (cell.postgres != first.postgres) return differs("postgres");
  return {};
}

}  // namespace

void check_turns(const Setting* design, const std::vector<Cell>& cells, Mistakes& mistakes) {
  const Setting* const slice = design->find("slice");
  for (const Cell& cell : cells) {
    const std::string why = hindrance(cell, cells.front());
    if (why.empty()) continue;
    mistakes.add(slice->place,
                 fmt::format("design.slice: the cells cannot take turns: {} {}", cell.id, why),
                 "turns need the native generator in a closed loop, and the same load.warmup, "
                 "load.measure and postgres in all cells; or leave design.slice out");
    return;
  }
}

}  // namespace poolbench::scenario
