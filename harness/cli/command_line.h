#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

// The command line as its definitions have it: what completion and the manual page are made of.

namespace poolbench::cli {

/// An option, or an argument without a name of an option.
struct OptionWords {
  std::vector<std::string> names;  ///< "-o", "--output"; of an argument its one name, "scenario"
  std::string value;  ///< what stands for its value: "TEXT", "INT"; empty: it takes none
  std::vector<std::string> choices;  ///< the values it can have, where they are few
  std::string description;
  bool is_required = false;
  bool is_many = false;  ///< several values, or several times
};

/// A command, with the commands below it.
struct CommandWords {
  std::string name;  ///< as it is called: "poolbench list targets"
  std::string description;
  std::string footer;  ///< exit codes and examples
  std::vector<OptionWords> options, arguments;
  std::vector<CommandWords> commands;
};

/// The whole program's: `app` has all its commands.
CommandWords words_of(const CLI::App& app);

/// A script that completes the words of the program, for the shell to source.
std::string bash_completion(const CommandWords& program);
/// The same for zsh, as a file `_poolbench` in a folder of its $fpath.
std::string zsh_completion(const CommandWords& program);

/// The manual page, in the language of man(7).
std::string manual_page(const CommandWords& program);

}  // namespace poolbench::cli
