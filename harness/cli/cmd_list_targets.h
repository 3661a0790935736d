#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// Adds `targets` to the command `list`: what target.toml files declare.
void add_list_targets_command(CLI::App& list, int& exit_code);

}  // namespace poolbench::cli
