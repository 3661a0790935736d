#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace poolbench::init {

/// A parameter that a first target.toml declares: an integer.
struct Parameter {
  std::string name, summary;
  int default_value = 1;
  std::vector<int> worth_trying;      ///< values for the axis of a first scenario
  std::vector<std::string> argument;  ///< of the serve command; empty: there is a variable
  std::string variable;               ///< of the environment
};

/// What a look at a folder tells of the application in it, as far as a target.toml wants to know.
/// Its words may hold placeholders (base/placeholder.h).
struct Application {
  std::string kind;               ///< "Django"; empty: it was not recognised
  std::vector<std::string> seen;  ///< what told: files, relative to the folder, or headers

  std::string url;            ///< where its server runs already; empty: what starts it stands below
  int status = 200;           ///< that it answered there
  bool allow_remote = false;  ///< it may be on another machine

  std::vector<std::string> prepare_inputs, prepare_command;  ///< empty: nothing to prepare
  std::vector<std::string> data_inputs;
  std::vector<std::vector<std::string>> data_commands;
  bool makes_rows = false;  ///< data_commands do, not only tables

  std::vector<std::string> command;  ///< that serves; empty: not known
  std::string serve_folder;          ///< relative to the folder; empty: that one
  std::map<std::string, std::string> environment;
  std::vector<std::string> inherit;  ///< variables that it cannot do without
  std::vector<Parameter> parameters;
  bool knows_port = false;      ///< its command or environment tells it where to listen
  bool knows_database = false;  ///< its sources read variables that tell where the database is

  std::string path = "/";  ///< to measure
  std::string health;      ///< path of a check of its health; empty: none was seen
};

/// Looks at the application in a folder: its files are read, nothing is run.
Application look_at_application(const std::filesystem::path& folder);

}  // namespace poolbench::init
