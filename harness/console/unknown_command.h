#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace poolbench::console {

/// If `word` is neither an option nor a command of the program, says so on stderr, with the nearest
/// command there is. False, and nothing printed, otherwise.
bool explain_unknown_command(const CLI::App& app, const std::string& word);

}  // namespace poolbench::console
