#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench run SCENARIO`: runs every cell in every block and writes the report.
void add_run_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
