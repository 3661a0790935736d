#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "load/external/driver.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// External generators by name.
using Tools = std::map<std::string, load::Tool>;

/// Where tools/setup --generators puts what it builds.
std::filesystem::path tools_folder();

/// The external generators of the scenario's cells; kBadInput if one of them is not installed.
base::Result<Tools> find_tools(process::Supervisor& supervisor, const scenario::Scenario& scenario,
                               const std::filesystem::path& scratch);

/// Name, version and SHA-256 of the program of each generator that the scenario uses.
std::vector<report::GeneratorFacts> generator_facts(const scenario::Scenario& scenario,
                                                    const Tools& tools);

}  // namespace poolbench::run
