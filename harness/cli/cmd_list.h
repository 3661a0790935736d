#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench list generators`.
void add_list_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
