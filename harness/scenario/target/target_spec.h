#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace poolbench::scenario {

/// What an endpoint must answer. At most one of body, json, contains, length is set.
struct Expectation {
  int status = 200;
  std::optional<std::string> body;      ///< exact bytes
  std::optional<base::Json> json;       ///< equal as JSON
  std::optional<std::string> contains;  ///< may hold placeholders
  std::optional<std::uint64_t> length;  ///< body length in bytes
};

struct EndpointSpec {
  std::string path;      ///< may hold placeholders
  bool database = true;  ///< false: answering must open no database session
  Expectation expect;
};

/// One parameter of a target: what it may be and how it reaches the process.
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

/// target.toml, whole. Its texts hold placeholders that are known where they stand
/// (base/placeholder.h).
struct TargetSpec {
  int schema = 2;  ///< 1: environment variables hold strings as JSON, in quotes
  std::string name;
  std::string summary;
  std::filesystem::path folder;  ///< absolute; relative paths and commands start here
  std::string default_endpoint;
  std::map<std::string, ParameterSpec> params;
  std::vector<RuleSpec> rules;
  std::map<std::string, EndpointSpec> endpoints;

  struct Prepare {
    std::vector<std::string> inputs;
    std::vector<std::string> command;  ///< empty: nothing to prepare
    base::Duration timeout{};
  } prepare;
  struct Data {
    /// Unset while there are commands: nothing tells which files they read.
    std::optional<std::vector<std::string>> inputs;
    std::vector<std::string> extensions;             ///< made by a superuser before the commands
    std::vector<std::vector<std::string>> commands;  ///< may be empty
    base::Duration timeout{};
  } data;
  struct Serve {
    std::vector<std::string> command;
    std::filesystem::path folder;  ///< absolute
    std::map<std::string, std::string> environment;
    int stop_signal = 15;
    base::Duration stop_grace{};
  } serve;
  struct Ready {
    std::string endpoint;
    base::Duration timeout{};
    std::string worker_header;  ///< empty: workers cannot be told apart, one answer is enough
    std::string worker_param;   ///< its value: how many workers must have answered; empty: 1
  } ready;
  std::vector<std::string> versions_command;  ///< empty: unknown
  /// Variables of the caller's environment that its programs get beside those that every program
  /// gets: names, or beginnings of names and a '*'.
  std::vector<std::string> inherit;
};

}  // namespace poolbench::scenario
