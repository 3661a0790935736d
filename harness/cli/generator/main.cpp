// The load generator: a program of its own, so that it is as small as what it needs.
#include "base/version.h"
#include "cli/exit_code.h"
#include "cli/generator/command.h"

int main(int argc, char** argv) {
  using namespace poolbench;
  CLI::App app{"Offers load to a web server and measures the answers.", "poolbench load"};
  app.set_version_flag("--version", std::string("poolbench load ") + base::kVersion + " (" +
                                        base::kRevision + ", " + base::kBuild + ")");
  int exit_code = cli::kDone;
  cli::set_up_load(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kDone : cli::kBadUsage;
  }
  return exit_code;
}
