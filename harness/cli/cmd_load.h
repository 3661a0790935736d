#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench load URL`: the native load generator by itself. It is a program of its own, which
/// takes the place of this one and has its options and its help.
void add_load_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
