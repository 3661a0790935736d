#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench sweep`: ends processes and removes scratch folders that lost runs left behind.
void add_sweep_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
