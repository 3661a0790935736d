#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace poolbench::cli {
namespace {

/// {"text", "json"} of "TEXT:{text,json}".
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t begin = type.find('{'), end = type.rfind('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos) return choices;
  std::istringstream inner(type.substr(begin + 1, end - begin - 1));
  for (std::string choice; std::getline(inner, choice, ',');) choices.push_back(choice);
  return choices;
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords words;
  if (option.get_positional()) {
    words.names = {option.get_single_name()};
  } else {
    for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  }
  const std::string type = option.get_type_name();
  words.choices = choices_in(type);
  if (option.get_items_expected_max() > 0) words.value = type.substr(0, type.find_first_of(":={"));
  words.description = option.get_description();
  words.is_required = option.get_required();
  words.is_many = option.get_items_expected_max() > 1;
  return words;
}

CommandWords words_of(const CLI::App& app, const std::string& name) {
  CommandWords words;
  words.name = name;
  words.description = app.get_description();
  words.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? words.arguments : words.options).push_back(words_of(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    words.commands.push_back(words_of(*command, name + " " + command->get_name()));
  }
  return words;
}

}  // namespace

CommandWords words_of(const CLI::App& app) { return words_of(app, app.get_name()); }

}  // namespace poolbench::cli
