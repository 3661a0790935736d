#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench load URL`: the native load generator by itself.
void add_load_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
