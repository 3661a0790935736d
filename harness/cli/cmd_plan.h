#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench plan`: what a run would do, how long it would take, and what it could find.
void add_plan_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
