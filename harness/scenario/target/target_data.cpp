#include "scenario/target/target_data.h"

#include <fmt/format.h>

#include "scenario/target/target_params.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

void read_commands(TableReader& reader, const base::OtherWords& words, TargetSpec::Data& data) {
  const Setting* commands = reader.list("commands");
  if (commands == nullptr) return;
  const std::string path = reader.path("commands");
  for (const Setting& command : commands->items) {
    std::vector<std::string> argv;
    for (const Setting& word : command.items) {
      if (word.is_string()) argv.push_back(word.text());
    }
    if (argv.empty() || argv.size() != command.items.size()) {
      reader.mistakes().add(
          command.place,
          fmt::format("{} must be a list of commands, each a list of strings", path));
    }
    check_arguments_word(command, path, reader.mistakes());
    data.commands.push_back(std::move(argv));
  }
  check_placeholders(reader, "commands", base::TextPlace::kData, words);
}

/// Of several commands one must say that the parameters' arguments are for it.
void check_receiver(TableReader& reader, const TargetSpec::Data& data) {
  std::string word_with_arguments;
  for (const auto& [name, param] : data.params) {
    if (!param.argument.empty() || !param.flag.empty()) word_with_arguments = name;
  }
  if (word_with_arguments.empty() || data.commands.size() == 1) return;
  for (const auto& argv : data.commands) {
    for (const std::string& word : argv) {
      if (base::holds_word(word, base::kArgumentsWord)) return;
    }
  }
  reader.refuse("commands",
                fmt::format("has no {{{}}}: which of them gets the words of {}?",
                            base::kArgumentsWord, path_below(kDataParams, word_with_arguments)),
                "make it an element of the command that takes them");
}

}  // namespace

bool is_data_word(std::string_view word) {
  return word.starts_with(std::string(kDataParams) + ".");
}

std::vector<std::string> read_inputs(TableReader& reader, const std::filesystem::path& folder) {
  const Setting* inputs = reader.any("inputs");
  for (const Setting& input : inputs == nullptr ? std::vector<Setting>{} : inputs->items) {
    if (!input.is_string()) continue;
    const auto files = input_files(folder, input.text());
    if (files) continue;
    const base::Error& error = files.error();
    reader.mistakes().add(
        input.place,
        fmt::format("{}: {}: {}", reader.path("inputs"), in_quotes(input.text()), error.message),
        fmt::format("it is looked for at {}", error.where));
  }
  return reader.texts("inputs");
}

TargetSpec::Data read_data(TableReader& top, const std::filesystem::path& folder) {
  TableReader reader(top.any("data"), top.path("data"), top.place("data"), top.mistakes());
  TargetSpec::Data data;
  std::vector<std::string> inputs = read_inputs(reader, folder);
  if (reader.has("inputs") || !reader.has("commands")) data.inputs = std::move(inputs);
  data.extensions = reader.texts("extensions");
  data.params =
      read_parameters(reader.any("params"), {kDataParams, base::TextPlace::kDataParameter},
                      reader.place("params"), top.mistakes());
  const base::OtherWords words = words_of(kDataParams, data.params);
  read_commands(reader, words, data);
  check_receiver(reader, data);
  data.folder = (folder / plain_text(reader, "folder").value_or("")).lexically_normal();
  data.environment = reader.text_by_name("environment");
  check_placeholders(reader, "environment", base::TextPlace::kDataEnvironment, words);
  for (const auto& [name, value] : data.environment) {
    if (!is_variable(name)) reader.refuse("environment", not_a_variable(name));
  }
  data.timeout = reader.duration("timeout", 1s).value_or(2min);
  reader.refuse_unknown();
  return data;
}

}  // namespace poolbench::scenario
