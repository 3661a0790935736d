#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/version.h"
#include "cli/commands.h"
#include "console/output.h"
#include "load/external/driver.h"
#include "process/sweep.h"
#include "run/resources.h"
#include "scenario/target/target_file.h"
#include "scenario/toml/setting.h"
#include "service/prepare.h"

namespace poolbench::cli {
namespace fs = std::filesystem;
namespace {

/// What a generator can be asked for beside a closed loop for a time.
std::string abilities(const scenario::Generator& generator) {
  std::string text;
  const auto add = [&](bool can, const char* what) {
    if (can) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(generator.open_loop, "open loop");
  add(generator.exact_count, "count");
  add(generator.close, "close");
  add(generator.threads, "threads");
  add(generator.requests, "any request");
  add(generator.mixes, "mixes");
  add(generator.templates, "{nonce}");
  add(generator.unix_sockets, "unix socket");
  add(generator.verified_tls, "https");
  return text;
}

std::string words_of(const generator::Tags& tags) {
  return fmt::format("connect {}, {:g} µs{}{}, checks {}",
                     tags.includes_connect ? "included" : "excluded", tags.resolution_us,
                     tags.coordinated_omission == "backfilled" ? ", backfilled" : "",
                     tags.errors_in_latency ? ", errors among latencies" : "", tags.checks);
}

void print_generator(const scenario::Generator& generator, const load::Driver* driver,
                     const std::string& state) {
  console::put("{:<8} {}\n         can: {}\n         latencies: {}\n", generator.name, state,
               abilities(generator),
               words_of(driver == nullptr ? generator::kNativeTags : driver->tags));
}

std::string state_of(const load::Driver& driver, process::Supervisor& supervisor,
                     const fs::path& scratch) {
  const auto folder = service::tools_folder();
  if (load::find_program(driver, folder).empty()) {
    return fmt::format("not installed: tools/setup --generators {} ({})", driver.name,
                       driver.install);
  }
  const auto tool = load::identify(supervisor, driver, folder, scratch);
  if (!tool) return tool.error().message + "; " + tool.error().next;
  return fmt::format("{}  {}", tool->version, tool->program.string());
}

int list_generators() {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  const base::SystemClock clock;
  const std::string run_id = process::make_run_id(clock);
  auto supervisor = process::Supervisor::create(*interrupt, run_id);
  if (!supervisor) return console::report_error(supervisor.error());
  const auto scratch = run::ScratchFolder::create(run_id);
  if (!scratch) return console::report_error(scratch.error());
  for (const scenario::Generator& generator : load::generators(service::tools_folder())) {
    const load::Driver* driver = load::find_driver(generator.name);
    print_generator(generator, driver,
                    driver == nullptr ? std::string(base::kVersion) + "  built in"
                                      : state_of(*driver, **supervisor, scratch->path()));
  }
  return console::kDone;
}

/// Where targets are looked for beside this folder's own target.toml and targets/.
constexpr const char* kUnlessNamed = "scenarios";

std::string limits(const scenario::ParameterSpec& parameter) {
  std::string text;
  if (!parameter.choices.empty()) text += fmt::format(", {}", fmt::join(parameter.choices, " | "));
  if (parameter.min) text += fmt::format(", from {}", *parameter.min);
  if (parameter.max) text += fmt::format("{} to {}", parameter.min ? "" : ",", *parameter.max);
  return text;
}

void print_parameters(const char* title,
                      const std::map<std::string, scenario::ParameterSpec>& parameters) {
  if (!parameters.empty()) console::put("  {}\n", title);
  for (const auto& [name, parameter] : parameters) {
    console::put("    {:<20} {}, {} unless set{}\n", name, fmt::join(parameter.types, " or "),
                 base::json_dump(parameter.default_value), limits(parameter));
    if (!parameter.summary.empty()) console::put("    {:<20} {}\n", "", parameter.summary);
  }
}

void print_target(const scenario::TargetSpec& target) {
  console::put("{}: {}\n", target.name, target.summary);
  print_parameters("target.params", target.params);
  print_parameters("data.params", target.data.params);
  if (!target.rules.empty()) console::put("  refused\n");
  for (const scenario::RuleSpec& rule : target.rules) console::put("    {}\n", rule.message);
  console::put("  target.endpoint\n");
  for (const auto& [name, endpoint] : target.endpoints) {
    console::put("    {:<20} {}{}{}\n", name, endpoint.path,
                 endpoint.database ? "" : ", no database",
                 name == target.default_endpoint ? ", unless set" : "");
  }
  console::put("\n");
}

/// The target files that a path means: itself, or of a folder its own and those of targets/*/.
std::vector<fs::path> target_files(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return {path};
  std::vector<fs::path> files;
  if (fs::is_regular_file(path / scenario::kTargetFile, ignored)) {
    files.push_back(path / scenario::kTargetFile);
  }
  for (const std::string& name : scenario::targets_in(path / "targets")) {
    files.push_back(path / "targets" / name / scenario::kTargetFile);
  }
  return files;
}

int list_targets(const std::string& named) {
  std::vector<fs::path> files = target_files(named.empty() ? kUnlessNamed : named);
  if (named.empty()) std::ranges::move(target_files("."), std::back_inserter(files));
  if (files.empty()) {
    return console::report_error({base::ErrorCode::kBadInput, "there is no target here",
                                  named.empty() ? "." : named,
                                  "name a target.toml, its folder, or a folder of scenarios with "
                                  "targets/NAME/target.toml"});
  }
  scenario::TargetLookup lookup("");
  scenario::Mistakes mistakes;
  scenario::Setting use;
  use.kind = scenario::Setting::Kind::kString;
  use.place.source = std::make_shared<const scenario::Source>();
  for (const fs::path& file : files) {
    use.scalar = file.string();
    if (const auto target = lookup.find(use, mistakes)) print_target(*target);
  }
  if (mistakes.empty()) return console::kDone;
  console::tell("{}\n", scenario::to_text(mistakes.in_order()));
  return console::kBadUsage;
}

void add_targets_command(CLI::App& list, int& exit_code) {
  auto* command = list.add_subcommand(
      "targets", "Targets: their parameters with types and defaults, and their endpoints");
  auto path = std::make_shared<std::string>();
  command->add_option("path", *path,
                      "a target.toml, its folder, or a folder of scenarios, whose "
                      "targets/*/target.toml are shown (unless named: here, and scenarios)");
  command->footer(
      "Examples:\n  poolbench list targets scenarios\n  poolbench list targets ../shop");
  command->callback([path, &exit_code] { exit_code = list_targets(*path); });
}

}  // namespace

void add_list_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("list", "List what poolbench can use on this machine");
  command->require_subcommand(1);
  add_targets_command(*command, exit_code);
  auto* generators = command->add_subcommand(
      "generators", "Load generators: installed or not, version, what they can do");
  generators->footer("Example:\n  poolbench list generators");
  generators->callback([&exit_code] { exit_code = list_generators(); });
}

}  // namespace poolbench::cli
