#include "scenario/service/service_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolbench::scenario {
namespace {

/// The service that a path sets something of: "service.NAME.…" and "placement.service.NAME"; empty
/// for all others.
std::string service_in(const std::string& path) {
  Path parts = split_path(path);
  if (!parts.empty() && parts.front() == "placement") parts.erase(parts.begin());
  return parts.size() > 1 && parts.front() == "service" ? parts[1] : std::string();
}

bool has_service(const Cell& cell, const std::string& name) {
  const auto services = cell.services.all();
  return std::ranges::find(services, name, &ServiceUse::name) != services.end();
}

/// The members of [service] and [placement.service].
std::vector<Setting::Member> service_members(const Setting& tables) {
  std::vector<Setting::Member> members;
  const Setting* const placement = tables.find("placement");
  for (const Setting* table :
       {tables.find("service"), placement == nullptr ? nullptr : placement->find("service")}) {
    if (table == nullptr) continue;
    members.insert(members.end(), table->members.begin(), table->members.end());
  }
  return members;
}

}  // namespace

void ServiceCheck::check(const Cell& cell, const Matrix& matrix, const Combination& combination) {
  for (const Choice& choice : combination) {
    const MatrixAxis& axis = matrix.axes[choice.axis];
    const std::string name = service_in(axis.path);
    if (name.empty() || has_service(cell, name) || !told_.insert(axis.path).second) continue;
    mistakes_->add(
        axis.place,
        fmt::format("axis {} varies service {}, which cell {} does not have", axis.path, name,
                    cell.id),
        fmt::format("vary it with the service alone: \"postgres.via\" = [\"{0}\"] in the "
                    "matrix, and the other paths as [[matrix.include]] \"postgres.via\" "
                    "= \"direct\"; or put path and parameters into variants",
                    name));
  }
}

void ServiceCheck::check(const Cell& cell, const Setting& variant) {
  for (const Setting::Member& member : service_members(variant)) {
    if (has_service(cell, member.key)) continue;
    mistakes_->add(
        member.key_place,
        fmt::format("this variant sets service {}, which cell {} does not have", member.key,
                    cell.id),
        fmt::format("set postgres.via in the variant, too, or leave {} out", member.key));
  }
}

void ServiceCheck::check_base(const Setting& base, const std::vector<Cell>& cells) {
  for (const Setting::Member& member : service_members(base)) {
    const auto has_it = [&](const Cell& cell) { return has_service(cell, member.key); };
    if (std::ranges::any_of(cells, has_it)) continue;
    mistakes_->add(
        member.key_place, fmt::format("no cell has a service {}", in_quotes(member.key)),
        "name it in postgres.via, or in needs of a target that uses it; or leave it out");
  }
}

}  // namespace poolbench::scenario
