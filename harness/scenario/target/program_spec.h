#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"

// What targets and services have in common: a program that is prepared, configured and started as a
// file says.

namespace poolbench::scenario {

/// One parameter of a program: what it may be and how it reaches the process.
struct ParameterSpec {
  std::vector<std::string> types;  ///< boolean, integer, number, string, table
  base::Json default_value;
  std::optional<double> min, max;
  std::vector<std::string> choices;
  std::string summary;
  std::vector<std::string> argument;  ///< elements with "{value}"; empty: not an argument
  std::string flag;                   ///< a word that is there when the value is true; empty: none
  std::string environment;            ///< variable that holds the value; empty: none
};

/// Refused when every condition holds.
struct RuleSpec {
  struct Condition {
    std::string parameter;
    base::Json value;
    bool negated = false;  ///< { not = value }
  };
  std::vector<Condition> when;
  std::string message;
  std::string next;
};

/// A file that is rendered for each start of the program. What was checked when its declaration was
/// read is what is rendered.
struct FileTemplate {
  std::string file_name;  ///< of the result
  std::string text;
  std::string sha256;
};

/// What a target.toml and a service.toml declare alike. Their texts hold placeholders that are
/// known where they stand (base/placeholder.h).
struct ProgramSpec {
  std::string kind = "target";  ///< or "service"; in messages, and in the names of its folders
  std::string name;
  std::string summary;
  std::filesystem::path folder;  ///< absolute; relative paths and commands start here
  std::map<std::string, ParameterSpec> params;
  std::vector<RuleSpec> rules;
  std::map<std::string, FileTemplate> files;  ///< {file.NAME}, by NAME

  struct Prepare {
    std::vector<std::string> inputs;
    std::vector<std::string> command;  ///< empty: nothing to prepare
    base::Duration timeout{};
  } prepare;
  struct Serve {
    bool unix_socket = false;  ///< it listens on one instead of a TCP port
    std::vector<std::string> command;
    std::filesystem::path folder;  ///< absolute; a service's may be empty: one of its own
    std::map<std::string, std::string> environment;
    int stop_signal = 15;
    base::Duration stop_grace{};
  };
  std::vector<std::string> versions_command;  ///< empty: unknown
  /// Variables of the caller's environment that its programs get beside those that every program
  /// gets: names, or beginnings of names and a '*'.
  std::vector<std::string> inherit;
};

}  // namespace poolbench::scenario
