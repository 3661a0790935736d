#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/lists.h"

namespace poolbench::cli {

void add_list_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("list", "List what poolbench can use on this machine");
  command->require_subcommand(1);
  add_list_scenarios(*command, exit_code);
  add_list_programs(*command, exit_code);
  add_list_generators(*command, exit_code);
}

}  // namespace poolbench::cli
