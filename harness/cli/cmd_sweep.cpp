#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "console/output.h"
#include "process/sweep.h"
#include "run/resources.h"

namespace poolbench::cli {

void add_sweep_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "sweep", "End what a lost run left: processes marked with its run id, scratch folders");
  command->footer("Example:\n  poolbench sweep\nTouches nothing of a run that is still alive.");
  command->callback([&exit_code] {
    const process::Swept swept = process::sweep_lost();
    for (const process::Marked& marked : swept.ended) {
      console::put("ended process {} of run {}: {}\n", marked.process.pid, marked.run_id,
                   marked.command_line);
    }
    for (const process::Marked& marked : swept.still_alive) {
      console::tell("cannot end process {} of run {}: {}; sweep as its user or as root\n",
                    marked.process.pid, marked.run_id, marked.command_line);
    }
    const auto removed = run::sweep_scratch();
    for (const auto& [folder, elsewhere] : removed) {
      console::put("removed {}\n", folder.string());
      if (!elsewhere.empty()) console::put("{}\n", elsewhere);
    }
    if (swept.ended.empty() && removed.empty()) console::put("nothing to sweep\n");
    exit_code = swept.still_alive.empty() ? console::kDone : console::kFailure;
  });
}

}  // namespace poolbench::cli
