#include "scenario/matrix/installed_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolbench::scenario {

void InstalledCheck::note(const Cell& cell, const Setting& settings, const DesignSettings& design) {
  const auto found = std::ranges::find(*generators_, cell.load.generator, &Generator::name);
  if (found != generators_->end() && !found->is_installed) {
    const Setting* const load = settings.find("load");
    const Setting* const named = load == nullptr ? nullptr : load->find("generator");
    lacks_[cell.id] = {named == nullptr ? settings.place : named->place,
                       fmt::format("load.generator {} is not installed", cell.load.generator),
                       fmt::format("run tools/setup --generators {}, or set "
                                   "design.skip_missing_generators = true",
                                   cell.load.generator),
                       design.skip_missing_generators};
  }
  for (const ServiceUse& service : cell.services.all()) {
    if (service.spec == nullptr || service.spec->missing.empty()) continue;
    const std::string install =
        service.spec->install.empty() ? "install it" : service.spec->install;
    lacks_[cell.id] = {service.named_at,
                       fmt::format("service {} needs the program {}, which is not installed",
                                   service.name, service.spec->missing),
                       install + ", or set design.skip_missing_services = true",
                       design.skip_missing_services};
  }
}

bool InstalledCheck::passes(const Cell& cell, std::vector<SkippedCell>& skipped) {
  const auto found = lacks_.find(cell.id);
  if (found == lacks_.end()) return true;
  const Lack& lack = found->second;
  if (lack.is_left_out) {
    skipped.push_back({cell.id, lack.what});
  } else {
    mistakes_->add(lack.place, lack.what, lack.next);
  }
  return false;
}

void InstalledCheck::refuse_all(const Place& place) {
  const Lack& lack = lacks_.begin()->second;
  mistakes_->add(place, "none of the chosen cells can run: " + lack.what, lack.next);
}

}  // namespace poolbench::scenario
