#include "scenario/turns.h"

#include <fmt/format.h>

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
  if (load.slice != first.load.slice) return differs("design.slice");
  if (cell.postgres != first.postgres) return differs("postgres");
  return {};
}

}  // namespace

std::string hindrance_to_turns(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    const std::string why = hindrance(cell, cells.front());
    if (!why.empty()) return fmt::format("{} {}", cell.id, why);
  }
  return {};
}

void check_turns(const Setting* design, const std::vector<Cell>& cells, Mistakes& mistakes) {
  const std::string why = hindrance_to_turns(cells);
  if (why.empty()) return;
  mistakes.add(design->find("slice")->place, "design.slice: the cells cannot take turns: " + why,
               "turns need the native generator in a closed loop, and the same load.warmup, "
               "load.measure and postgres in all cells; or leave design.slice out");
}

}  // namespace poolbench::scenario
