#include "scenario/matrix/server_check.h"

#include <fmt/format.h>

#include <array>

namespace poolbench::scenario {
namespace {

constexpr const char* kUse = "use";
constexpr const char* kByThemselves =
    "run the cells of each server by themselves (--only), and compare the two reports with "
    "poolbench diff";

/// What names the server of a run.
struct ServerSetting {
  const char* key;
  bool (*differs)(const PostgresSettings& one, const PostgresSettings& other);
};
constexpr std::array kServerSettings = {
    ServerSetting{"source", [](const auto& a, const auto& b) { return a.source != b.source; }},
    ServerSetting{"dsn_env", [](const auto& a, const auto& b) { return a.dsn_env != b.dsn_env; }},
    ServerSetting{"target_dsn_env", [](const auto& a, const auto& b) {
                    return a.target_dsn_env != b.target_dsn_env;
                  }}};

}  // namespace

void ServerCheck::note(const Cell& cell, const Setting& settings) {
  const Setting* const postgres = settings.find("postgres");
  for (const auto& [key, member] : kServerSettings) {
    const Setting* const named = postgres == nullptr ? nullptr : postgres->find(key);
    places_[cell.id][key] = named == nullptr ? settings.place : named->place;
  }
  const Setting* const target = settings.find("target");
  const Setting* const use = target == nullptr ? nullptr : target->find("use");
  places_[cell.id][kUse] = use == nullptr ? settings.place : use->place;
}

void ServerCheck::check(const std::vector<Cell>& cells, const std::set<std::string>& chosen) {
  const Cell* first = nullptr;
  for (const Cell& cell : cells) {
    if (!chosen.contains(cell.id)) continue;
    if (first == nullptr) first = &cell;
    if (cell.target.runs_already() != first->target.runs_already()) {
      mistakes_->add(places_.at(cell.id).at(kUse),
                     fmt::format("target.use: of {} and {} only one names a server that runs "
                                 "already (serve.url)",
                                 first->id, cell.id),
                     kByThemselves);
      return;
    }
    for (const auto& [key, differs] : kServerSettings) {
      if (!differs(cell.postgres, first->postgres)) continue;
      mistakes_->add(places_.at(cell.id).at(key),
                     fmt::format("postgres.{} must be the same in all cells of a run: {} has "
                                 "another one than {}",
                                 key, cell.id, first->id),
                     kByThemselves);
      return;
    }
  }
}

}  // namespace poolbench::scenario
