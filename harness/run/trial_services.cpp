#include "run/trial_services.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "run/monitor.h"
#include "run/schedule.h"
#include "run/setup.h"

namespace poolbench::run {

base::Result<void> TrialServices::start(const base::Environment& database) {
  const scenario::ServiceSettings& settings = spec_->cell.services;
  for (const scenario::ServiceUse& use : settings.beside) {
    POOLBENCH_TRY(start(use, {}));
    words_.merge(services_.back().address());
  }
  environment_ = database;
  if (service::Databases* const databases = setup_->databases()) {
    probe_ = service::from_environment(database);
    probe_["dbname"] = databases->shared_database();
  }
  for (auto use = settings.path.rbegin(); use != settings.path.rend(); ++use) {
    POOLBENCH_TRY(start(*use, environment_));
    environment_ = services_.back().gives();
    probe_ = services_.back().probe();
  }
  return {};
}

base::Result<void> TrialServices::start(const scenario::ServiceUse& use,
                                        const base::Environment& upstream) {
  service::ServicePlaces places{.prepared = spec_->prepared_services.at(use.name),
                                .upstream = upstream,
                                .log = spec_->folder / "services" / (use.name + ".log"),
                                .folder = spec_->services / use.name,
                                .tls = setup_->tls(),
                                .watched = children()};
  if (service::Databases* const databases = setup_->databases()) {
    places.shared_database = databases->shared_database();
  }
  if (process::Child* const server = setup_->database_server()) places.watched.push_back(server);
  const auto& cpus = spec_->cell.placement.service;
  if (const auto own = cpus.find(use.name); own != cpus.end()) places.cpus = own->second;
  auto started = service::DeclaredService::start(setup_->supervisor(), use, std::move(places));
  if (!started) return tl::unexpected(started.error());
  services_.push_back(std::move(*started));
  return services_.back().wait_until_ready();
}

void TrialServices::measure_path(report::Trial& trial) const {
  const auto times = measured_path();
  if (times) {
    trial.path = {times->connect_us, times->round_trip_us, times->connect_cpu_us,
                  times->round_trip_cpu_us};
  } else {
    trial.missing.emplace_back("path", times.error().message);
  }
}

base::Result<service::PathTimes> TrialServices::measured_path() const {
  if (spec_->cell.target.runs_already()) return base::failed(kRanAlready);
  return service::measure_path(probe_);
}

std::vector<std::string> TrialServices::stop() {
  std::vector<std::string> remarks;
  for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
    std::ranges::move(service->stop(), std::back_inserter(remarks));
  }
  return remarks;
}

std::vector<process::Child*> TrialServices::children() const {
  std::vector<process::Child*> children;
  for (const service::DeclaredService& service : services_) children.push_back(service.child());
  return children;
}

}  // namespace poolbench::run
