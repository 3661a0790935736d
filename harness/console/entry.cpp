#include "console/entry.h"

#include <sstream>

#include "base/result.h"
#include "base/version.h"
#include "console/exit_code.h"
#include "console/output.h"
#include "console/unknown_command.h"

namespace poolbench::console {
namespace {

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
