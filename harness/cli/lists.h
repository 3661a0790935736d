#pragma once

namespace CLI {
class App;
}

// What `poolbench list` can list, each a command below it.

namespace poolbench::cli {

/// `list scenarios`: what each scenario asks, and how long it runs.
void add_list_scenarios(CLI::App& list, int& exit_code);

/// `list targets` and `list services`: what target.toml and service.toml files declare.
void add_list_programs(CLI::App& list, int& exit_code);

/// `list generators`: installed or not, and what they can do.
void add_list_generators(CLI::App& list, int& exit_code);

}  // namespace poolbench::cli
