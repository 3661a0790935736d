#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "process/supervisor.h"
#include "report/report.h"
#include "scenario/scenario.h"
#include "service/postgres/session.h"

namespace poolbench::run {

/// Of this program.
report::Tool tool_facts();

/// Version, where it comes from, and every setting that is not PostgreSQL's default.
base::Result<report::PostgresFacts> postgres_facts(service::PostgresSession& session,
                                                   const scenario::PostgresSettings& settings);

/// Name, versions as its own command tells them, and hashes of its data set: with the commands that
/// make it, and of their inputs alone. They are null where commands have no inputs declared.
base::Result<report::TargetFacts> target_facts(process::Supervisor& supervisor,
                                               const scenario::TargetSpec& target,
                                               const std::filesystem::path& prepared);

}  // namespace poolbench::run
