#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generator/summary.h"
#include "load/job.h"
#include "process/launch.h"
#include "process/supervisor.h"
#include "report/measurement.h"
#include "scenario/scenario.h"

namespace poolbench::load {

/// A part of a trial for which the tool runs once.
struct Stretch {
  base::Duration length{};
  std::optional<std::uint64_t> requests;  ///< exactly so many, instead of the length
};

/// What a tool left behind.
struct ToolOutput {
  std::string text;            ///< its stdout, or that of the report command if there is one
  base::Duration wall_time{};  ///< from its start to its end
};

/// How one external load generator is found, run and read.
struct Driver {
  std::string_view name{};
  std::string_view program{};
  scenario::Generator can{};  ///< what a scenario may ask of it; its name is filled in
  generator::Tags tags{};
  std::vector<std::string> version_arguments{};
  std::string_view identity{};          ///< text that only the right program prints with them
  std::string_view before_version{};    ///< what stands before its version there
  std::string_view install{};           ///< where it comes from, in words
  bool corrects_open_loop = false;      ///< at a rate its latencies count from the plan
  std::string_view threads_variable{};  ///< takes the number of threads, if no argument does
  /// Words with which it ends on a failure that only somebody who knows it understands, and what
  /// they mean.
  std::string_view failure_words{};
  std::string_view failure_meaning{};
  /// The arguments for a stretch; may write files into the job's folder.
  base::Result<std::vector<std::string>> (*arguments)(const Job&, const Stretch&) = nullptr;
  /// Arguments that make the tool print its report, for one that does so only afterwards.
  std::vector<std::string> (*report_arguments)(const Job&) = nullptr;
  /// Counts, rate and latencies of the measured stretch; name, version and tags are added later.
  base::Result<report::Measurement> (*read)(const Job&, const ToolOutput&) = nullptr;
};

/// The one list of drivers, in the order in which people see them. Each is the constant of that
/// name in a file of its own: POOLBENCH_DRIVERS(DO) is DO(kOha) DO(kWrk) …
#define POOLBENCH_DRIVERS(DO) DO(kOha) DO(kWrk) DO(kAb) DO(kHey) DO(kK6) DO(kVegeta) DO(kH2load)

#define POOLBENCH_DECLARE_DRIVER(name) extern const Driver name;
POOLBENCH_DRIVERS(POOLBENCH_DECLARE_DRIVER)
#undef POOLBENCH_DECLARE_DRIVER

/// All of them.
const std::vector<Driver>& drivers();
/// Null for a name that is not there ("native").
const Driver* find_driver(std::string_view name);

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

/// All that a scenario may name on this machine, the native one first.
scenario::Generators generators(const std::filesystem::path& tools);

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
