#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench verify REPORT…`: recomputes what reports say from what they measured.
void add_verify_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
