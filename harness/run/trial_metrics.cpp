#include "run/trial_metrics.h"

#include <fmt/format.h>

#include <utility>

#include "run/metric_watch.h"
#include "run/schedule.h"
#include "run/setup.h"
#include "service/declared_service.h"
#include "service/postgres/databases.h"
#include "service/target_service.h"

namespace poolbench::run {
namespace {

using service::PlainSession;

MetricWatch::Watched watched_of(const service::DeclaredService& service,
                                const std::string& database,
                                const std::optional<generator::Turn>& turn) {
  MetricWatch::Watched watched{.name = "service " + service.name(),
                               .metrics = &service.metrics(),
                               .questions = {},
                               .workers = 1,
                               .log = service.log(),
                               .turn = turn,
                               .open = {}};
  for (const scenario::MetricSpec& metric : service.metrics()) {
    if (metric.is_http()) watched.questions[metric.port] = {service.server(metric.port), {}, {}};
  }
  watched.open = [&service, database](const std::string& named) {
    return PlainSession::connect(service.conninfo(named.empty() ? database : named));
  };
  return watched;
}

}  // namespace

TrialMetrics::TrialMetrics(Setup& setup, const TrialSpec& spec, const MetricSources& sources) {
  const auto add = [&](MetricWatch::Watched watched) {
    watches_.push_back(std::make_unique<MetricWatch>(setup.clock(), std::move(watched)));
    watches_.back()->connect();
  };
  const scenario::TargetSpec& target = *spec.cell.target.spec;
  add({.name = "target",
       .metrics = &target.metrics,
       .questions = {{"", {sources.target.server(), {}, {}, target.ready.worker_header}}},
       .workers = sources.workers,
       .log = spec.folder / "target.log",
       .turn = sources.turn,
       .open = [&setup,
                database = sources.database](const std::string&) -> base::Result<PlainSession> {
         service::Databases* const databases = setup.databases();
         if (databases == nullptr) return base::failed("the scenario has no PostgreSQL to ask");
         return databases->reading_session(database);
       }});
  for (const service::DeclaredService& service : sources.services) {
    if (service.metrics().empty()) continue;
    add(watched_of(service, sources.database, sources.turn));
  }
}

TrialMetrics::~TrialMetrics() = default;

pid_t TrialMetrics::session_process() const { return watches_.front()->session_process(); }

void TrialMetrics::ask_before(base::Duration limit) {
  for (const auto& watch : watches_) watch->ask_before(limit);
}

void TrialMetrics::ask_before() {
  for (const auto& watch : watches_) watch->ask_before();
}

void TrialMetrics::wait_for_answers() {
  for (const auto& watch : watches_) watch->wait_for_answers();
}

void TrialMetrics::begin() {
  for (const auto& watch : watches_) watch->begin();
}

void TrialMetrics::sample() {
  for (const auto& watch : watches_) watch->sample();
}

void TrialMetrics::end() {
  for (const auto& watch : watches_) watch->end();
}

void TrialMetrics::finish(report::Trial& trial, std::uint64_t worked_on) {
  for (const auto& watch : watches_) watch->finish(trial, worked_on);
}

}  // namespace poolbench::run
