#include "cli/run_scenario.h"

#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "base/time.h"
#include "cli/progress.h"
#include "console/output.h"
#include "console/terminal.h"
#include "process/supervisor.h"
#include "process/sweep.h"
#include "run/check.h"
#include "run/schedule.h"

namespace poolbench::cli {
namespace {

std::string counted(std::size_t number, const char* thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}
std::string blocks(int number) { return counted(static_cast<std::size_t>(number), "block"); }

void announce(const scenario::Scenario& scenario, std::uint64_t seed) {
  const auto& design = scenario.design;
  const std::size_t cells = scenario.cells.size();
  const auto time = run::estimate(scenario);
  std::string text = fmt::format("{}: {} × {} = {}, about {}", scenario.name,
                                 counted(cells, "cell"), blocks(design.blocks),
                                 counted(static_cast<std::size_t>(design.blocks) * cells, "trial"),
                                 base::approximate_duration(time.least));
  if (design.precision) {
    text += fmt::format("; up to {}, about {}, for intervals within ±{:.3g} %",
                        blocks(design.max_blocks), base::approximate_duration(time.most),
                        100 * *design.precision);
  }
  console::tell("poolbench: {}; seed {}\n", text, seed);
}

/// None for no words.
base::Result<std::optional<base::Duration>> duration_of(const std::string& words,
                                                        const char* option) {
  if (words.empty()) return std::nullopt;
  auto duration = base::parse_duration(words);
  if (duration) return *duration;
  duration.error().where = option;
  return tl::unexpected(std::move(duration.error()));
}

constexpr const char* kMaxTime = "--max-time";
constexpr const char* kWait = "--wait";
constexpr const char* kForEver = "forever";

base::Result<run::RunOptions> options_of(const RunWords& words) {
  auto max_time = duration_of(words.max_time, kMaxTime);
  if (!max_time) return tl::unexpected(std::move(max_time.error()));
  if (*max_time && **max_time <= base::Duration::zero()) {
    return base::bad_input("leaves no time to run anything", kMaxTime, "give a duration: 30m");
  }
  run::RunOptions options{.seed = 0, .results = words.results, .max_time = *max_time, .wait = {}};
  if (words.wait == kForEver) {
    options.wait = base::Duration::max();
    return options;
  }
  auto wait = duration_of(words.wait, kWait);
  if (!wait) return tl::unexpected(std::move(wait.error()));
  options.wait = *wait;
  return options;
}

}  // namespace

std::vector<std::string> RunWords::add_to(CLI::App& command) {
  command.add_option("--out", results, "folder for the results")->capture_default_str();
  command.add_option(
      kMaxTime, max_time,
      "longest time of the run, as in 30m, setting up included: trials that would not end "
      "in time are left out");
  command.add_flag(fmt::format("{}{{{}}}", kWait, kForEver), wait,
                   "wait for a run that measures already, at most so long with --wait=10m, "
                   "instead of refusing");
  command.add_flag("--verbose", verbose, "print a line for each phase of a trial");
  return {"--out", kMaxTime, kWait, "--verbose"};
}

base::Result<run::RunResult> run_scenario(process::Interrupt& interrupt,
                                          const scenario::Scenario& scenario,
                                          const RunWords& words) {
  auto options = options_of(words);
  if (!options) return tl::unexpected(std::move(options.error()));
  const base::SystemClock clock;
  auto supervisor = process::Supervisor::create(interrupt, process::make_run_id(clock));
  if (!supervisor) return tl::unexpected(supervisor.error());
  options->seed = scenario.design.seed.value_or(std::random_device{}());
  announce(scenario, options->seed);
  Progress progress(clock, console::is_terminal(STDERR_FILENO), words.verbose);
  return run::run(scenario, *options, clock, **supervisor, progress);
}

base::Result<run::CheckResult> check_scenario(process::Interrupt& interrupt,
                                              const scenario::Scenario& scenario,
                                              const RunWords& words) {
  const auto options = options_of(words);
  if (!options) return tl::unexpected(options.error());
  const base::SystemClock clock;
  auto supervisor = process::Supervisor::create(interrupt, process::make_run_id(clock));
  if (!supervisor) return tl::unexpected(supervisor.error());
  Progress progress(clock, console::is_terminal(STDERR_FILENO), words.verbose);
  return run::check(scenario, options->wait, clock, **supervisor, progress);
}

}  // namespace poolbench::cli
