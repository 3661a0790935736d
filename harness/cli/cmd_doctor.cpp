#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands.h"
#include "console/output.h"
#include "doctor/checks.h"
#include "process/sweep.h"

namespace poolbench::cli {
namespace {

struct DoctorOptions {
  std::string results = "results/runs";
  bool json = false;
};

struct Examined {
  const doctor::Check* check = nullptr;
  doctor::Verdict verdict;
};

/// How a state is called, for people and in JSON.
struct StateWords {
  const char* word;
  const char* name;
};
StateWords words_of(doctor::State state) {
  switch (state) {
    case doctor::State::kOk:
      return {"ok", "ok"};
    case doctor::State::kAdvice:
      return {"advice", "advice"};
    case doctor::State::kMustMend:
      return {"MEND", "must_mend"};
    case doctor::State::kNotKnown:
      return {"?", "not_known"};
  }
  return {"", ""};
}

std::ptrdiff_t count(const std::vector<Examined>& all, doctor::State state) {
  return std::ranges::count(all, state,
                            [](const Examined& examined) { return examined.verdict.state; });
}

void print(const std::vector<Examined>& all) {
  std::size_t width = 0;
  for (const Examined& examined : all) width = std::max(width, examined.check->label.size());
  for (const auto& [check, verdict] : all) {
    const bool is_known = verdict.state != doctor::State::kNotKnown;
    console::put("{:<7} {:<{}}  {}{}\n", words_of(verdict.state).word, check->label, width,
                 is_known ? "" : "not known: ", base::first_line(verdict.text));
    if (!verdict.next.empty()) console::put("{:<7} {:<{}}  → {}\n", "", "", width, verdict.next);
  }
  console::put("\n{} to mend, {} to consider, {} not known, {} ok\n",
               count(all, doctor::State::kMustMend), count(all, doctor::State::kAdvice),
               count(all, doctor::State::kNotKnown), count(all, doctor::State::kOk));
}

void print_json(const std::vector<Examined>& all) {
  base::Json list = base::Json::array();
  for (const auto& [check, verdict] : all) {
    list.push_back(
        {{"name", check->name},
         {"label", check->label},
         {"state", words_of(verdict.state).name},
         {"text", verdict.text},
         {"next", verdict.next.empty() ? base::Json(nullptr) : base::Json(verdict.next)}});
  }
  const base::Json document{{"schema", 1}, {"checks", std::move(list)}};
  console::put("{}\n", base::json_dump(document, 2));
}

int examine(const DoctorOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  auto supervisor =
      process::Supervisor::create(*interrupt, process::make_run_id(base::SystemClock()));
  if (!supervisor) return console::report_error(supervisor.error());
  if (!options.json) console::tell("poolbench: watching this machine for two seconds\n");
  const auto machine = doctor::look_at_machine(**supervisor, options.results);
  if (!machine) {
    if (machine.error().code == base::ErrorCode::kInterrupted) interrupt->die_of_it();
    return console::report_error(machine.error());
  }
  std::vector<Examined> all;
  for (const doctor::Check& check : doctor::checks()) all.push_back({&check, check.look(*machine)});
  options.json ? print_json(all) : print(all);
  return count(all, doctor::State::kMustMend) > 0 ? console::kFailure : console::kDone;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "doctor",
      "Show what of this machine disturbs a measurement or is missing, and what mends it");
  auto options = std::make_shared<DoctorOptions>();
  command->add_option("--out", options->results, "folder in which results will be written")
      ->capture_default_str();
  command->add_flag("--json", options->json, "print the same as JSON");
  command->footer(
      "Exit: 0 nothing must be mended, 3 something must be.\n"
      "Example:\n  poolbench doctor");
  command->callback([options, &exit_code] { exit_code = examine(*options); });
}

}  // namespace poolbench::cli
