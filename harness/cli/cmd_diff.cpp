#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <future>
#include <memory>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/run_scenario.h"
#include "compare/format/render.h"
#include "console/output.h"

namespace poolbench::cli {
namespace {

/// Later, where the system refuses a thread.
constexpr auto kAtOnceIfPossible = std::launch::async | std::launch::deferred;

struct DiffArguments {
  std::string base, head;
  std::string format = "text", fail_on = "regressed";
  std::string margin, run_spread, anchor, history, aa_study;
  bool run_again = false;
  Rerun rerun;
  compare::DiffOptions options;
};

base::Result<void> read_percentages(DiffArguments& arguments) {
  const auto read = [](const std::string& text, const char* option,
                       std::optional<double>& value) -> base::Result<void> {
    if (text.empty()) return {};
    auto percent = base::parse_percentage(text);
    if (!percent) {
      percent.error().where = option;
      return tl::unexpected(std::move(percent.error()));
    }
    value = *percent;
    return {};
  };
  POOLBENCH_TRY(read(arguments.margin, "--margin", arguments.options.margin));
  return read(arguments.run_spread, "--run-spread", arguments.options.run_spread);
}

/// The lines of a file that was named, or of one that lies where it is looked for.
base::Result<std::vector<compare::HistoryLine>> read_history(const std::string& named,
                                                             const std::filesystem::path& usual) {
  std::error_code ignored;
  if (named.empty() && !std::filesystem::exists(usual, ignored)) {
    return std::vector<compare::HistoryLine>{};
  }
  const std::filesystem::path file = named.empty() ? usual : std::filesystem::path(named);
  const auto text = base::read_file(file);
  if (!text) return tl::unexpected(text.error());
  auto lines = compare::parse_history(*text);
  if (!lines) lines.error().where = file.string();
  return lines;
}

/// results/runs/RUN/report.json has results/runs/history.jsonl and results/studies/aa.jsonl.
base::Result<void> read_background(DiffArguments& arguments) {
  std::error_code ignored;  // a folder that is gone has no earlier runs either
  const auto runs =
      std::filesystem::absolute(report_file(arguments.head), ignored).parent_path() / "..";
  auto history = read_history(arguments.history, runs / "history.jsonl");
  if (!history) return tl::unexpected(history.error());
  auto study = read_history(arguments.aa_study, runs / ".." / "studies" / "aa.jsonl");
  if (!study) return tl::unexpected(study.error());
  arguments.options.background = {std::move(*history), std::move(*study)};
  return {};
}

base::Result<std::string> render(const compare::Diff& diff, const std::string& format) {
  const auto* const form = &*std::ranges::find(compare::diff_formats(), std::string_view(format),
                                               &compare::DiffFormat::name);
  return form->render(diff, console::text_style(STDOUT_FILENO));
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const compare::DiffFormat& format : compare::diff_formats()) names.emplace_back(format.name);
  return names;
}

int exit_code_of(const compare::Diff& diff, const std::string& fail_on) {
  if (fail_on == "never") return console::kDone;
  if (diff.count(report::Verdict::kRegressed) > 0) return console::kRegression;
  if (diff.rows.empty() || diff.count(report::Verdict::kIncomparable) > 0) return console::kFailure;
  if (fail_on == "inconclusive" && diff.count(report::Verdict::kInconclusive) > 0)
    return console::kUndecided;
  return console::kDone;
}

base::Result<compare::Diff> compare_checkouts(DiffArguments& arguments) {
  if (arguments.rerun.scenario.empty()) {
    return base::bad_input("--rerun needs a scenario after the two checkouts", {},
                           "poolbench diff --rerun BASE HEAD scenarios/django-pool.toml");
  }
  arguments.rerun.base = arguments.base;
  arguments.rerun.head = arguments.head;
  return rerun(arguments.rerun, arguments.options);
}

base::Result<compare::Diff> compare_files(DiffArguments& arguments) {
  if (!arguments.rerun.scenario.empty()) {
    return base::bad_input("a scenario has no meaning without --rerun", arguments.rerun.scenario,
                           "name two reports, or give --rerun");
  }
  if (!arguments.anchor.empty()) arguments.options.anchor = arguments.anchor;
  // Reading is nearly all there is to do: both at once.
  auto reading = std::async(
      kAtOnceIfPossible, [&arguments] { return report::read_report(report_file(arguments.base)); });
  const auto head = report::read_report(report_file(arguments.head));
  const auto base = reading.get();
  if (!base) return tl::unexpected(base.error());
  if (!head) return tl::unexpected(head.error());
  if (base->report_id == head->report_id) {
    console::tell("poolbench: both are report {}: what follows says nothing about a change\n",
                  base->report_id);
  }
  POOLBENCH_TRY(read_background(arguments));
  return compare::compare_reports(*base, *head, arguments.options);
}

int compare(DiffArguments arguments) {
  if (const auto read = read_percentages(arguments); !read)
    return console::report_error(read.error());
  const auto diff = arguments.run_again ? compare_checkouts(arguments) : compare_files(arguments);
  if (!diff) return console::report_error(diff.error());
  const auto rendered = render(*diff, arguments.format);
  if (!rendered) return console::report_error(rendered.error());
  console::put("{}", *rendered);
  return exit_code_of(*diff, arguments.fail_on);
}

void add_rerun_options(CLI::App& command, DiffArguments& arguments) {
  Rerun& rerun = arguments.rerun;
  command.add_option("scenario", rerun.scenario, "With --rerun: scenario file in both checkouts");
  auto* asked = command.add_flag(
      "--rerun", arguments.run_again,
      "base and head are checkouts (folders): run the scenario of both interleaved and compare");
  command
      .add_flag("--confirm", rerun.confirm,
                "Run what changed again in at least 10 fresh blocks; only what both stages agree "
                "on stays a change")
      ->needs(asked);
  std::vector<std::string> names = rerun.words.add_to(command);
  rerun.changes.add_changes_to(command);
  for (const char* name : {"--set", "--blocks", "--measure", "--seed"}) names.emplace_back(name);
  for (const std::string& name : names) {
    CLI::Option* option = command.get_option(name);
    option->needs(asked)->description("With --rerun: " + option->get_description());
  }
}

/// What is compared, and what counts as a change.
void add_comparison_options(CLI::App& command, DiffArguments& arguments) {
  auto& options = arguments.options;
  command.add_option("--metric", options.metrics, "Metric to compare; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--margin", arguments.margin,
                     "Changes below it are of no interest, as 5%; never below the metric's own");
  command
      .add_option("--only", options.only,
                  "axis=value[,axis=value]: cells to compare, beside the anchor")
      ->allow_extra_args(false);
  command
      .add_option("--factor", options.factors,
                  "Setting that may differ because it is what is compared: target.params.pool")
      ->allow_extra_args(false);
}

/// What is known of two runs besides their reports.
void add_options_about_runs(CLI::App& command, DiffArguments& arguments) {
  command.add_option("--anchor", arguments.anchor, "Cell through which runs are compared, or none");
  command.add_option("--run-spread,--session-spread", arguments.run_spread,
                     "How far two runs may differ by themselves in 95 of 100 cases, as 2%");
  command.add_option("--history", arguments.history,
                     "history.jsonl of earlier runs; beside the head's run unless named");
  command.add_option("--aa-study", arguments.aa_study,
                     "aa.jsonl of tools/aa-study; ../studies/aa.jsonl of the runs unless named");
  for (const char* option : {"--anchor", "--run-spread", "--history", "--aa-study"}) {
    command.get_option(option)->excludes("--rerun");  // a rerun is one run
  }
}

}  // namespace

void add_diff_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "diff", "Compare two reports of the same scenario, or run two checkouts and compare them");
  auto arguments = std::make_shared<DiffArguments>();
  command
      ->add_option("base", arguments->base, "report.json, run folder or checkout to compare with")
      ->required();
  command->add_option("head", arguments->head, "report.json, run folder or checkout to judge")
      ->required();
  add_rerun_options(*command, *arguments);
  command->add_option("--format", arguments->format, "Form of what is printed")
      ->check(CLI::IsMember(format_names()));
  command
      ->add_option("--fail-on", arguments->fail_on,
                   "regressed (exit 1; incomparable: 3), inconclusive (4 too), or never")
      ->check(CLI::IsMember({"regressed", "inconclusive", "never"}));
  add_comparison_options(*command, *arguments);
  add_options_about_runs(*command, *arguments);
  command->footer(
      "Exit: 0 no regression, 1 regressed, 2 bad usage or input, 3 incomparable or failed,\n"
      "      4 inconclusive (with --fail-on inconclusive).\n"
      "Example:\n  poolbench diff results/baselines/django-pool.json results/runs/20250708T120000Z-"
      "django-pool-1a2b3c4d --format markdown\n"
      "  poolbench diff --rerun --confirm ../main . scenarios/django-pool.toml");
  command->callback([arguments, &exit_code] { exit_code = compare(*arguments); });
}

}  // namespace poolbench::cli
