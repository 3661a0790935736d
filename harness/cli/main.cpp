#include <CLI/CLI.hpp>

#include "base/environment.h"
#include "base/version.h"
#include "cli/cmd_diff.h"
#include "cli/cmd_history.h"
#include "cli/cmd_list.h"
#include "cli/cmd_load.h"
#include "cli/cmd_plan.h"
#include "cli/cmd_run.h"
#include "cli/cmd_show.h"
#include "cli/cmd_sweep.h"
#include "cli/cmd_verify.h"
#include "cli/exit_code.h"
#include "cli/unknown_command.h"

int main(int argc, char** argv) {
  using namespace poolbench;
  base::forget_libpq_variables();
  CLI::App app{"Measures which way of connecting to PostgreSQL serves a web application best."};
  app.set_version_flag("--version", std::string("poolbench ") + base::kVersion + " (" +
                                        base::kRevision + ", " + base::kBuild + ")");
  app.require_subcommand(1);
  int exit_code = cli::kDone;
  cli::add_run_command(app, exit_code);
  cli::add_plan_command(app, exit_code);
  cli::add_load_command(app, exit_code);
  cli::add_list_command(app, exit_code);
  cli::add_show_command(app, exit_code);
  cli::add_diff_command(app, exit_code);
  cli::add_verify_command(app, exit_code);
  cli::add_history_command(app, exit_code);
  cli::add_sweep_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc > 1 && cli::explain_unknown_command(app, argv[1])) return cli::kBadUsage;
    return app.exit(error) == 0 ? cli::kDone : cli::kBadUsage;
  }
  return exit_code;
}
