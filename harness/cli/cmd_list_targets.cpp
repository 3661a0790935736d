#include "cli/cmd_list_targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/printable.h"
#include "base/result.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "scenario/target_lookup.h"

namespace poolbench::cli {
namespace {

std::string limits(const scenario::ParameterSpec& parameter) {
  std::string text;
  if (!parameter.choices.empty()) text += fmt::format(", {}", fmt::join(parameter.choices, " | "));
  if (parameter.min) text += fmt::format(", from {}", *parameter.min);
  if (parameter.max) text += fmt::format("{} to {}", parameter.min ? "" : ",", *parameter.max);
  return text;
}

void print_target(const scenario::TargetSpec& target) {
  put("{}: {}\n", target.name, target.summary);
  if (!target.params.empty()) put("  target.params\n");
  for (const auto& [name, parameter] : target.params) {
    put("    {:<20} {}, {} unless set{}\n", name, fmt::join(parameter.types, " or "),
        base::json_dump(parameter.default_value), limits(parameter));
    if (!parameter.summary.empty()) put("    {:<20} {}\n", "", parameter.summary);
  }
  if (!target.rules.empty()) put("  refused\n");
  for (const scenario::RuleSpec& rule : target.rules) put("    {}\n", rule.message);
  put("  target.endpoint\n");
  for (const auto& [name, endpoint] : target.endpoints) {
    put("    {:<20} {}{}{}\n", name, endpoint.path, endpoint.database ? "" : ", no database",
        name == target.default_endpoint ? ", unless set" : "");
  }
  put("\n");
}

int list_targets(const std::filesystem::path& scenarios) {
  const auto folder = scenarios / "targets";
  const std::vector<std::string> names = scenario::targets_in(folder);
  if (names.empty()) {
    return report_error({base::ErrorCode::kBadInput, "there is no target here", folder.string(),
                         "name the folder whose targets/NAME/target.toml are meant"});
  }
  scenario::TargetLookup lookup(scenarios);
  scenario::Mistakes mistakes;
  scenario::Setting use;
  use.kind = scenario::Setting::Kind::kString;
  for (const std::string& name : names) {
    use.scalar = name;
    if (const auto target = lookup.find(use, mistakes)) print_target(*target);
  }
  if (mistakes.empty()) return kDone;
  tell("{}\n", scenario::to_text(mistakes.in_order()));
  return kBadUsage;
}

}  // namespace

void add_list_targets_command(CLI::App& list, int& exit_code) {
  auto* command = list.add_subcommand(
      "targets", "Targets: their parameters with types and defaults, and their endpoints");
  auto folder = std::make_shared<std::string>("scenarios");
  command
      ->add_option("folder", *folder,
                   "the folder of the scenarios; its targets/*/target.toml are shown")
      ->capture_default_str();
  command->footer("Example:\n  poolbench list targets scenarios");
  command->callback([folder, &exit_code] { exit_code = list_targets(*folder); });
}

}  // namespace poolbench::cli
