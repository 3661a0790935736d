#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "process/supervisor.h"
#include "report/report.h"
#include "run/schedule.h"
#include "scenario/scenario.h"
#include "service/postgres/session.h"

// What a report says of a run, besides its trials.

namespace poolbench::load {
struct Tool;
}

namespace poolbench::run {

class Pilots;

/// A report with everything that is known before the first trial; its outcome is "interrupted"
/// until the end.
report::Report new_report(const scenario::Scenario& scenario, const std::string& report_id,
                          const base::Clock& clock);

/// Report::design as the run stands.
report::Design design_of(const scenario::Scenario& scenario, const Schedule& schedule,
                         const Pilots& pilots, std::optional<base::Duration> max_time);

/// Names of the generators that the scenario's cells use.
std::set<std::string> generators_of(const scenario::Scenario& scenario);

/// Name, version and SHA-256 of the program of each of them; `tools` are the external ones by name.
std::vector<report::GeneratorFacts> generator_facts(const scenario::Scenario& scenario,
                                                    const std::map<std::string, load::Tool>& tools);

/// Version, whose build it is, where it comes from, and every setting that is not PostgreSQL's
/// default.
base::Result<report::PostgresFacts> postgres_facts(service::PostgresSession& session,
                                                   const scenario::PostgresSettings& settings);

/// Name, versions as its own command tells them, and hashes of its data set: with the commands that
/// make it and their environment, and of their inputs alone. They are null where commands have no
/// inputs declared.
base::Result<report::TargetFacts> target_facts(process::Supervisor& supervisor,
                                               const scenario::TargetSpec& target,
                                               const std::filesystem::path& prepared);

/// Name, versions and hashes of a service. What its versions command prints is a JSON object, or
/// its first line is the version.
base::Result<report::ServiceFacts> service_facts(process::Supervisor& supervisor,
                                                 const scenario::ServiceUse& service,
                                                 const std::filesystem::path& prepared);

/// Adds the versions that cells with other parameters have: {"pgbouncer": "1.18.0, 1.24.1"}.
void add_versions(base::Json& known, const base::Json& more);

/// The same of a target whose server runs already: its versions and its data are not known.
report::TargetFacts running_target_facts(const scenario::TargetSpec& target);

}  // namespace poolbench::run
