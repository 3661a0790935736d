#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench run SCENARIO`: runs every cell in every block and writes the report.
void add_run_command(CLI::App& app, int& exit_code);

/// `poolbench plan SCENARIO`: shows cells, order and time without starting anything.
void add_plan_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
