#include "console/entry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/version.h"
#include "console/output.h"

namespace poolbench::console {
namespace {

/// If `word` is neither an option nor a command of the program, says so on stderr, with the nearest
/// command there is. False, and nothing printed, otherwise.
bool explain_unknown_command(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return false;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  if (names.empty() || std::ranges::find(names, word) != names.end()) return false;
  const std::string near = base::nearest_name(word, names);
  tell("poolbench: error: there is no command \"{}\"\n  next: {}\n", word,
       near.empty() ? fmt::format("choose from {}", fmt::join(names, ", "))
                    : fmt::format("did you mean {}?", near));
  return true;
}

// CLI11's own words for --help, --version and mistakes on the command line.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out, errors;
  const int code = app.exit(error, out, errors);
  put("{}", out.str());
  tell("{}", errors.str());
  return code == 0 ? kDone : kBadUsage;
}

base::Result<int> do_as_told(const Entry& entry, int argc, char** argv) {
  CLI::App app{entry.summary, entry.name};
  app.set_version_flag("--version", fmt::format("{} {} ({}, {})", entry.name, base::kVersion,
                                                base::kRevision, base::kBuild));
  int exit_code = kDone;
  entry.add_commands(app, exit_code);
  if (!app.get_subcommands(nullptr).empty()) app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc > 1 && explain_unknown_command(app, argv[1])) return kBadUsage;
    return explain(app, error);
  }
  return exit_code;
}

}  // namespace

int enter(const Entry& entry, int argc, char** argv) {
  guard_streams();
  const auto done = base::guarded([&] { return do_as_told(entry, argc, argv); });
  return finish_output(done ? *done : report_error(done.error()));
}

}  // namespace poolbench::console
