#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench diff BASE HEAD`: compares two reports of the same scenario and gives verdicts.
void add_diff_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
