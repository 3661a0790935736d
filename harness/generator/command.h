#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::generator {

/// Gives the program the options of the load generator, and what it does with them.
void set_up_load(CLI::App& app, int& exit_code);

}  // namespace poolbench::generator
