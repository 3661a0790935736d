#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/lists.h"
#include "console/output.h"
#include "scenario/scenario.h"
#include "scenario/service/service_file.h"
#include "scenario/target/program_reading.h"
#include "scenario/target/target_file.h"
#include "scenario/toml/setting.h"

namespace poolbench::cli {
namespace fs = std::filesystem;
namespace {

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

void print_rules(const std::vector<scenario::RuleSpec>& rules) {
  if (!rules.empty()) console::put("  refused\n");
  for (const scenario::RuleSpec& rule : rules) console::put("    {}\n", rule.message);
}

void print_target(const scenario::TargetSpec& target) {
  console::put("{}: {}\n", target.name, target.summary);
  print_parameters("target.params", target.params);
  print_parameters("data.params", target.data.params);
  print_rules(target.rules);
  console::put("  target.endpoint\n");
  for (const auto& [name, endpoint] : target.endpoints) {
    console::put("    {:<20} {}{}{}\n", name, endpoint.path,
                 endpoint.database ? "" : ", no database",
                 name == target.default_endpoint ? ", unless set" : "");
  }
  console::put("\n");
}

void print_service(const scenario::ServiceSpec& service) {
  console::put("{}: {}\n", service.name, service.summary);
  console::put("  {}\n", service.takes_upstream ? "stands between target and PostgreSQL"
                                                : "stands beside the target");
  if (!service.missing.empty()) {
    console::put("  {} is not installed: {}\n", service.missing, service.install);
  }
  print_parameters(fmt::format("service.{}.params", service.name).c_str(), service.params);
  print_rules(service.rules);
  console::put("\n");
}

/// A kind of program that a file declares.
struct Kind {
  const char* command;
  const char* folder;  ///< of a folder of scenarios: FOLDER/NAME/FILE
  const char* file;
  const char* summary;
  const char* examples;
  /// Prints what the file declares, or adds what is wrong with it.
  std::function<void(const fs::path& file, scenario::Mistakes& mistakes)> print;
};

/// Where they are looked for beside this folder.
constexpr const char* kUnlessNamed = "scenarios";

scenario::Setting text_setting(const fs::path& file) {
  scenario::Setting setting;
  setting.kind = scenario::Setting::Kind::kString;
  setting.place.source = std::make_shared<const scenario::Source>();
  setting.scalar = file.string();
  return setting;
}

/// The files that a path means: itself, or of a folder its own and those of the kind's folder.
std::vector<fs::path> files_of(const Kind& kind, const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return {path};
  std::vector<fs::path> files;
  if (fs::is_regular_file(path / kind.file, ignored)) files.push_back(path / kind.file);
  for (const std::string& name : scenario::declared_in(path / kind.folder, kind.file)) {
    files.push_back(path / kind.folder / name / kind.file);
  }
  return files;
}

int list(const Kind& kind, const std::string& named) {
  std::vector<fs::path> files = files_of(kind, named.empty() ? kUnlessNamed : named);
  if (named.empty()) std::ranges::move(files_of(kind, "."), std::back_inserter(files));
  if (files.empty()) {
    return console::report_error({base::ErrorCode::kBadInput,
                                  fmt::format("there are no {} here", kind.command),
                                  named.empty() ? "." : named,
                                  fmt::format("name a {}, its folder, or a folder of scenarios "
                                              "with {}/NAME/{}",
                                              kind.file, kind.folder, kind.file)});
  }
  scenario::Mistakes mistakes;
  for (const fs::path& file : files) kind.print(file, mistakes);
  if (mistakes.empty()) return console::kDone;
  console::tell("{}\n", scenario::to_text(mistakes.in_order()));
  return console::kBadUsage;
}

void add_kind(CLI::App& app, const Kind& kind, int& exit_code) {
  auto* command = app.add_subcommand(kind.command, kind.summary);
  auto path = std::make_shared<std::string>();
  command->add_option("path", *path,
                      fmt::format("a {}, its folder, or a folder of scenarios, whose {}/*/{} are "
                                  "shown (unless named: here, and scenarios)",
                                  kind.file, kind.folder, kind.file));
  command->footer(kind.examples);
  command->callback([kind, path, &exit_code] { exit_code = list(kind, *path); });
}

}  // namespace

void add_list_programs(CLI::App& app, int& exit_code) {
  const Kind targets{
      "targets",
      "targets",
      scenario::kTargetFile,
      "Targets: their parameters with types and defaults, and their endpoints",
      "Examples:\n  poolbench list targets scenarios\n  poolbench list targets ../shop",
      [lookup = std::make_shared<scenario::TargetLookup>("")](const fs::path& file,
                                                              scenario::Mistakes& mistakes) {
        if (const auto target = lookup->find(text_setting(file), mistakes)) print_target(*target);
      }};
  const Kind services{
      "services",
      "services",
      scenario::kServiceFile,
      "Services: poolers and other programs between target and PostgreSQL, or beside the target",
      "Example:\n  poolbench list services scenarios",
      [lookup = std::make_shared<scenario::ServiceLookup>("")](const fs::path& file,
                                                               scenario::Mistakes& mistakes) {
        const scenario::Setting use = text_setting(file);
        if (const auto service = lookup->find({"", file.string(), &use, use.place}, mistakes)) {
          print_service(*service);
        }
      }};
  add_kind(app, targets, exit_code);
  add_kind(app, services, exit_code);
}

}  // namespace poolbench::cli
