#include "cli/run_scenario.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/progress.h"
#include "compare/checkouts.h"
#include "console/output.h"
#include "load/external/driver.h"
#include "page/page.h"
#include "process/supervisor.h"
#include "process/sweep.h"
#include "run/check.h"
#include "run/data_forecast.h"
#include "run/schedule.h"
#include "service/prepare.h"

namespace poolbench::cli {
namespace {

void announce(const scenario::Scenario& scenario, const run::RunOptions& options) {
  const auto& design = scenario.design;
  const std::size_t cells = scenario.cells.size();
  // What cannot be foreseen shows when the run begins.
  const auto data = run::foresee_data(scenario, options.fresh_data);
  const auto time = run::estimate(scenario, data ? run::time_for(*data) : base::Duration{});
  std::string text =
      fmt::format("{}: {} × {} = {}, about {}", scenario.name, base::counted(cells, "cell"),
                  base::counted(design.blocks, "block"),
                  base::counted(static_cast<std::size_t>(design.blocks) * cells, "trial"),
                  base::approximate_duration(time.least));
  if (design.precision) {
    text += fmt::format("; up to {}, about {}, for intervals within ±{:.3g} %",
                        base::counted(design.max_blocks, "block"),
                        base::approximate_duration(time.most), 100 * *design.precision);
  }
  console::tell("poolbench: {}; seed {}\n", text, options.seed);
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
constexpr const char* kFreshData = "--fresh-data";
constexpr const char* kCompact = "--compact";
constexpr const char* kForEver = "forever";

base::Result<run::RunOptions> options_of(const RunWords& words) {
  auto max_time = duration_of(words.max_time, kMaxTime);
  if (!max_time) return tl::unexpected(std::move(max_time.error()));
  if (*max_time && **max_time <= base::Duration::zero()) {
    return base::bad_input("leaves no time to run anything", kMaxTime, "give a duration: 30m");
  }
  run::RunOptions options{.seed = 0,
                          .results = words.results,
                          .max_time = *max_time,
                          .wait = {},
                          .fresh_data = words.fresh_data,
                          .compact = words.compact};
  if (words.wait == kForEver) {
    options.wait = base::Duration::max();
    return options;
  }
  auto wait = duration_of(words.wait, kWait);
  if (!wait) return tl::unexpected(std::move(wait.error()));
  options.wait = *wait;
  return options;
}

/// However the run ended. A page that cannot be written takes nothing from the report.
void leave_page(const run::RunResult& result) {
  const auto file = page::page_beside(result.file);
  const auto written = base::guarded([&]() -> base::Result<void> {
    return base::write_file_atomically(
        file, page::to_html({{result.report, result.file.filename().string()}}));
  });
  if (written) return;
  console::tell("poolbench: warning: there is no page of the report: {}\n",
                base::to_text(written.error()));
}

constexpr int kFewestFreshBlocks = 10;

base::Result<scenario::Scenario> load_sides(const Rerun& request,
                                            const std::vector<std::string>& only) {
  const auto read = [&](const std::filesystem::path& checkout) {
    return request.changes.read((checkout / request.scenario).string(), only);
  };
  const auto base = read(request.base), head = read(request.head);
  if (base && head) return compare::join_sides(*base, *head);
  std::vector<std::string> mistakes;  // those of the command line are the same on both sides
  for (const auto* side : {&base, &head}) {
    if (*side) continue;
    for (const scenario::Diagnostic& mistake : side->error()) {
      std::string text = scenario::to_text({mistake});
      if (std::ranges::find(mistakes, text) == mistakes.end()) mistakes.push_back(std::move(text));
    }
  }
  return base::bad_input(
      fmt::format("the scenario cannot be run in both checkouts; nothing was started:\n{}",
                  fmt::join(mistakes, "\n")));
}

base::Result<report::Report> run_to_the_end(process::Interrupt& interrupt,
                                            const scenario::Scenario& scenario,
                                            const Rerun& request) {
  auto result = run_scenario(interrupt, scenario, request.words);
  if (!result) {
    if (result.error().code == base::ErrorCode::kInterrupted) interrupt.die_of_it();
    return tl::unexpected(result.error());
  }
  console::tell("poolbench: {}: the report is {}\n", report::word_of(result->report.outcome),
                result->file.string());
  if (result->report.outcome == report::Outcome::kInterrupted) interrupt.die_of_it();
  if (result->failure) return tl::unexpected(*result->failure);
  return std::move(result->report);
}

/// The scenario of a second stage: both sides of the cells that changed, with an order of its own.
scenario::Scenario second_stage(scenario::Scenario both, const compare::Diff& first) {
  std::set<std::string> changed;
  for (const compare::DiffRow& row : first.rows) {
    if (row.verdict == report::Verdict::kImproved || row.verdict == report::Verdict::kRegressed)
      changed.insert(row.cell);
  }
  auto& comparison = both.comparisons.front();
  std::erase_if(both.cells, [&](const scenario::Cell& cell) {
    return !changed.contains(compare::id_without_side(cell.id));
  });
  std::erase_if(comparison.pairs, [&](const auto& pair) {
    return !changed.contains(compare::id_without_side(pair.first));
  });
  both.design.seed.reset();
  both.design.precision.reset();
  both.design.blocks = std::max(both.design.blocks, kFewestFreshBlocks);
  return both;
}

}  // namespace

void ScenarioOptions::add_to(CLI::App& command) {
  command.add_option("scenario", file_, "scenario file (TOML)")->required();
  command
      .add_option("--only", overrides_.only,
                  "run only the cells that match, as in --only variant=pool,workers=2 (repeatable)")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--quick", overrides_.quick,
                   "the same cells, but at most six blocks of short trials, without pilots: how it "
                   "will look, less sure (--blocks, --measure and --set win over it)");
  add_changes_to(command);
}

void ScenarioOptions::add_changes_to(CLI::App& command) {
  command
      .add_option("--set", overrides_.set,
                  "change a setting of the file, as in --set load.connections=20 (repeatable)")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--blocks", blocks_, "number of blocks (each runs every cell once)");
  command.add_option("--measure", measure_, "length of each measurement, as in 3s");
  command.add_option("--seed", seed_, "seed of the random order of the cells within each block");
}

std::optional<scenario::Scenario> ScenarioOptions::load() const {
  auto scenario = read(file_, overrides_.only);
  if (scenario) return std::move(*scenario);
  console::tell("{}\n", scenario::to_text(scenario.error()));
  console::tell("poolbench: {}; nothing was started\n", scenario::count_text(scenario.error()));
  return std::nullopt;
}

tl::expected<scenario::Scenario, std::vector<scenario::Diagnostic>> ScenarioOptions::read(
    const std::string& file, const std::vector<std::string>& only) const {
  scenario::Overrides overrides = overrides_;
  overrides.only = only;
  if (blocks_) overrides.set.push_back(fmt::format("design.blocks={}", *blocks_));
  if (measure_) overrides.set.push_back("load.measure=" + *measure_);
  if (seed_) overrides.set.push_back(fmt::format("design.seed={}", *seed_));
  return scenario::load_file(file, load::generators(service::tools_folder()), overrides);
}

std::vector<std::string> RunWords::add_to(CLI::App& command) {
  command.add_option("--out", results, "folder for the results")->capture_default_str();
  command.add_option(
      kMaxTime, max_time,
      "longest time of the run, as in 30m, setting up included: trials that would not end "
      "in time are left out");
  command.add_flag(fmt::format("{}{{{}}}", kWait, kForEver), wait,
                   "wait for a run that measures already, at most so long with --wait=10m, "
                   "instead of refusing");
  command.add_flag(kFreshData, fresh_data,
                   "make the data of the targets anew, though an earlier run kept them");
  command.add_flag(kCompact, compact,
                   "a smaller report, to keep: without what each trial was in each tenth of a "
                   "second");
  command.add_flag("--verbose", verbose, "print a line for each phase of a trial");
  return {"--out", kMaxTime, kWait, kFreshData, kCompact, "--verbose"};
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
  announce(scenario, *options);
  Progress progress(clock, console::is_terminal(STDERR_FILENO), words.verbose);
  auto result = run::run(scenario, *options, clock, **supervisor, progress);
  if (result) leave_page(*result);
  return result;
}

base::Result<compare::Diff> rerun(const Rerun& request, const compare::DiffOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return tl::unexpected(interrupt.error());
  const auto both = load_sides(request, options.only);
  if (!both) return tl::unexpected(both.error());
  const auto first = run_to_the_end(*interrupt, *both, request);
  if (!first) return tl::unexpected(first.error());
  auto diff = compare::compare_sides(*first, options);
  if (!diff || !request.confirm) return diff;
  const scenario::Scenario again = second_stage(*both, *diff);
  if (again.cells.empty()) return diff;
  const auto second = run_to_the_end(*interrupt, again, request);
  if (!second) return tl::unexpected(second.error());
  compare::DiffOptions all = options;
  all.only.clear();  // the first stage has chosen
  const auto confirmation = compare::compare_sides(*second, all);
  if (!confirmation) return tl::unexpected(confirmation.error());
  compare::confirm(*diff, *confirmation);
  return diff;
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
  return run::check(scenario, *options, clock, **supervisor, progress);
}

}  // namespace poolbench::cli
