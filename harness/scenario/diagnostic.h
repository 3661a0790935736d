#pragma once

#include <string>
#include <vector>

namespace poolbench::scenario {

/// One mistake in a scenario or target file.
struct Diagnostic {
  std::string file;  ///< as the user named it; "--set" or "--only" for the command line
  int line = 0;      ///< 1-based; 0: no place in a file
  int column = 0;
  std::string message;      ///< what is wrong, with the offending text
  std::string next;         ///< what to do: the nearest known name, the right form; may be empty
  std::string source_line;  ///< that line of the file, or the words of the command line
};

/// "file:line:column: message\n    offending source line\n    ^\n  next: …\n" for each, in the
/// given order.
std::string to_text(const std::vector<Diagnostic>& diagnostics);

/// "2 mistakes in a.toml, 1 mistake in b/target.toml": how many there are in each file.
std::string count_text(const std::vector<Diagnostic>& diagnostics);

}  // namespace poolbench::scenario
