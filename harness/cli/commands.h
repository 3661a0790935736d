#pragma once

#include <filesystem>

namespace CLI {
class App;
}

// The commands of the program: each adds itself to the command line and leaves its exit code there.

namespace poolbench::cli {

/// `poolbench run SCENARIO`: runs every cell in every block and writes the report.
void add_run_command(CLI::App& app, int& exit_code);

/// `poolbench plan`: what a run would do, how long it would take, and what it could find.
void add_plan_command(CLI::App& app, int& exit_code);

/// `poolbench load URL`: the native load generator by itself. It is a program of its own, which
/// takes the place of this one and has its options and its help.
void add_load_command(CLI::App& app, int& exit_code);

/// `poolbench list generators`, and `poolbench list targets`: what target.toml files declare.
void add_list_command(CLI::App& app, int& exit_code);

/// `poolbench show REPORT…`: the summary of a report, as its run printed it; several side by side,
/// or in forms that other programs take.
void add_show_command(CLI::App& app, int& exit_code);

/// `poolbench html REPORT…`: one or more reports as a page, as a run leaves it beside its report.
void add_html_command(CLI::App& app, int& exit_code);

/// `poolbench diff BASE HEAD`: compares two reports of the same scenario and gives verdicts.
void add_diff_command(CLI::App& app, int& exit_code);

/// `poolbench verify REPORT…`: recomputes what reports say from what they measured.
void add_verify_command(CLI::App& app, int& exit_code);

/// `poolbench history`: rebuilds history.jsonl from a folder of reports and shows the trends.
void add_history_command(CLI::App& app, int& exit_code);

/// `poolbench sweep`: ends processes and removes scratch folders that lost runs left behind.
void add_sweep_command(CLI::App& app, int& exit_code);

/// `poolbench doctor`: what of this machine disturbs a measurement or is missing.
void add_doctor_command(CLI::App& app, int& exit_code);

/// `poolbench init FOLDER`: writes a target.toml and a first scenario beside an application.
void add_init_command(CLI::App& app, int& exit_code);

/// `poolbench completion bash|zsh`: a script for the shell, made from the options' definitions.
void add_completion_command(CLI::App& app, int& exit_code);

/// `poolbench manual`: the manual page, made from the same.
void add_manual_command(CLI::App& app, int& exit_code);

/// What the user named: the file itself, or report.json in the folder of a run.
inline std::filesystem::path report_file(std::filesystem::path named) {
  std::error_code ignored;
  if (std::filesystem::is_directory(named, ignored)) named /= "report.json";
  return named;
}

}  // namespace poolbench::cli
