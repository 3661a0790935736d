#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench show REPORT`: the summary of a report, as its run printed it.
void add_show_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
