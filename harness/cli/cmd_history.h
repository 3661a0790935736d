#pragma once

#include <CLI/CLI.hpp>

namespace poolbench::cli {

/// `poolbench history`: rebuilds history.jsonl from a folder of reports and shows the trends.
void add_history_command(CLI::App& app, int& exit_code);

}  // namespace poolbench::cli
