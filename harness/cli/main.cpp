#include "base/environment.h"
#include "cli/commands.h"
#include "console/entry.h"

namespace {

using namespace poolbench::cli;

void add_commands(CLI::App& app, int& exit_code) {
  add_run_command(app, exit_code);
  add_plan_command(app, exit_code);
  add_load_command(app, exit_code);
  add_list_command(app, exit_code);
  add_show_command(app, exit_code);
  add_html_command(app, exit_code);
  add_diff_command(app, exit_code);
  add_verify_command(app, exit_code);
  add_history_command(app, exit_code);
  add_sweep_command(app, exit_code);
  add_doctor_command(app, exit_code);
  add_init_command(app, exit_code);
  add_completion_command(app, exit_code);
  add_manual_command(app, exit_code);
}

}  // namespace

int main(int argc, char** argv) {
  poolbench::base::forget_libpq_variables();
  return poolbench::console::enter(
      {"poolbench", "Measures which way of connecting to PostgreSQL serves a web application best.",
       add_commands},
      argc, argv);
}
