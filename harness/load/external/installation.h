#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/external/driver.h"
#include "process/command.h"
#include "process/supervisor.h"

namespace poolbench::load {

/// An external generator as it stands on this machine.
struct Tool {
  const Driver* driver = nullptr;
  std::filesystem::path program;
  std::string version;  ///< "unknown" for a tool that does not tell
  std::string sha256;   ///< of the program, lower-case hex
};

/// Where a driver's program is: in `tools` (what tools/setup --generators built), else in PATH;
/// empty if it is not installed.
std::filesystem::path find_program(const Driver& driver, const std::filesystem::path& tools);

/// Names of the generators that are not installed.
std::vector<std::string> missing_generators(const std::filesystem::path& tools);

/// Asks the program for its version; kBadInput if it is not installed or another program of that
/// name. `scratch` is a folder for its output.
base::Result<Tool> identify(process::Supervisor& supervisor, const Driver& driver,
                            const std::filesystem::path& tools,
                            const std::filesystem::path& scratch);

/// Runs the tool for a stretch. Its stdout goes to "generator.out" and the rest to "generator.log"
/// in the job's folder if the caller sets stdout_fd so.
base::Result<process::Command> stretch_command(const Tool& tool, const Job& job,
                                               const Stretch& stretch);

/// Fails if the tool ended long before the end of a stretch's time: most of them print what they
/// have when they are interrupted, and exit with 0.
base::Result<void> check_lasted(const Tool& tool, const Job& job, const Stretch& stretch,
                                base::Duration wall_time);

/// What the failure of a stretch means, after ": ", if its log ends with words that are known.
std::string meaning_of_failure(const Driver& driver, const Job& job);

/// The measurement of a stretch, with the tool's name, version and tags. Fails if it sent fewer
/// requests than it was asked for and had time left.
base::Result<report::Measurement> read_stretch(const Tool& tool, const Job& job,
                                               const ToolOutput& output);

}  // namespace poolbench::load
