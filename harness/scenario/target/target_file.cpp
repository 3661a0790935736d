#include "scenario/target/target_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "base/environment.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr std::array<std::pair<std::string_view, int>, 7> kSignals{{{"TERM", SIGTERM},
                                                                    {"INT", SIGINT},
                                                                    {"QUIT", SIGQUIT},
                                                                    {"HUP", SIGHUP},
                                                                    {"USR1", SIGUSR1},
                                                                    {"USR2", SIGUSR2},
                                                                    {"KILL", SIGKILL}}};

/// A table of the file, read with the whole file's reader as its parent.
TableReader below(TableReader& top, std::string_view key) {
  const Setting* table = top.any(key);
  return {table, top.path(key), top.place(key), top.mistakes()};
}

std::vector<std::string> required_command(TableReader& reader, base::TextPlace place) {
  std::vector<std::string> command = reader.texts("command");
  check_placeholders(reader, "command", place);
  if (!reader.has("command")) {
    reader.refuse_missing("command", "a list: the program and its arguments");
  } else if (command.empty() || command.front().empty()) {
    reader.refuse("command", "must be a list of strings: the program and its arguments");
  }
  return command;
}

/// Files and folders whose content is to be hashed: one that holds nothing would never change.
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

TargetSpec::Prepare read_prepare(TableReader& top, const std::filesystem::path& folder) {
  TableReader reader = below(top, "prepare");
  TargetSpec::Prepare prepare;
  prepare.inputs = read_inputs(reader, folder);
  if (top.has("prepare")) {
    prepare.command = required_command(reader, base::TextPlace::kPrepare);
  }
  prepare.timeout = reader.duration("timeout", 1s).value_or(10min);
  reader.refuse_unknown();
  return prepare;
}

TargetSpec::Data read_data(TableReader& top, const std::filesystem::path& folder) {
  TableReader reader = below(top, "data");
  TargetSpec::Data data;
  std::vector<std::string> inputs = read_inputs(reader, folder);
  if (reader.has("inputs") || !reader.has("commands")) data.inputs = std::move(inputs);
  data.extensions = reader.texts("extensions");
  if (const Setting* commands = reader.list("commands")) {
    for (const Setting& command : commands->items) {
      std::vector<std::string> words;
      for (const Setting& word : command.items) {
        if (word.is_string()) words.push_back(word.text());
      }
      if (words.empty() || words.size() != command.items.size()) {
        reader.mistakes().add(command.place,
                              fmt::format("{} must be a list of commands, each a list of strings",
                                          reader.path("commands")));
      }
      data.commands.push_back(std::move(words));
    }
    check_placeholders(reader, "commands", base::TextPlace::kData);
  }
  data.timeout = reader.duration("timeout", 1s).value_or(2min);
  reader.refuse_unknown();
  return data;
}

int read_signal(TableReader& reader) {
  std::vector<std::string> names;
  for (const auto& [name, number] : kSignals) names.emplace_back(name);
  const std::string chosen = reader.choice("stop_signal", names).value_or("TERM");
  return std::ranges::find(kSignals, chosen, &std::pair<std::string_view, int>::first)->second;
}

/// {arguments} is many words: it stands alone, and once.
void check_arguments_word(TableReader& reader, const std::vector<std::string>& command) {
  const std::string alone = fmt::format("{{{}}}", base::kArgumentsWord);
  const auto holds = [](const std::string& word) {
    return base::holds_word(word, base::kArgumentsWord);
  };
  if (std::ranges::any_of(command,
                          [&](const auto& word) { return holds(word) && word != alone; })) {
    reader.refuse("command", fmt::format("holds {} inside of a word", alone),
                  "it stands for the arguments of all parameters: make it an element of its own");
  } else if (std::ranges::count_if(command, holds) > 1) {
    reader.refuse("command", fmt::format("holds {} twice", alone), "leave one out");
  }
}

TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder) {
  TableReader reader = below(top, "serve");
  TargetSpec::Serve serve;
  serve.command = required_command(reader, base::TextPlace::kServe);
  check_arguments_word(reader, serve.command);
  serve.folder = (folder / plain_text(reader, "folder").value_or("")).lexically_normal();
  serve.environment = reader.text_by_name("environment");
  check_placeholders(reader, "environment", base::TextPlace::kEnvironment);
  for (const auto& [name, value] : serve.environment) {
    if (!is_variable(name)) reader.refuse("environment", not_a_variable(name));
  }
  serve.stop_signal = read_signal(reader);
  serve.stop_grace = reader.duration("stop_grace").value_or(5s);
  reader.refuse_unknown();
  return serve;
}

/// `name` must be one of `known`; what it is called in the message is `kind`.
void refuse_unknown_name(TableReader& reader, std::string_view key, const std::string& name,
                         std::string_view kind, const std::vector<std::string>& known) {
  if (!reader.has(key) || name.empty() || std::ranges::find(known, name) != known.end()) return;
  reader.refuse(key, fmt::format("names no {}: {}", kind, in_quotes(name)),
                suggestion(name, known));
}

TargetSpec::Ready read_ready(TableReader& top, const TargetSpec& spec) {
  TableReader reader = below(top, "ready");
  TargetSpec::Ready ready;
  ready.endpoint = reader.text("endpoint").value_or(spec.default_endpoint);
  refuse_unknown_name(reader, "endpoint", ready.endpoint, "endpoint", names_of(spec.endpoints));
  ready.timeout = reader.duration("timeout", 1s).value_or(20s);
  ready.worker_header = reader.text("worker_header").value_or("");
  ready.worker_param = reader.text("worker_param").value_or("");
  refuse_unknown_name(reader, "worker_param", ready.worker_param, "parameter",
                      names_of(spec.params));
  const auto param = spec.params.find(ready.worker_param);
  if (param != spec.params.end() && !param->second.default_value.is_number_integer()) {
    reader.refuse("worker_param", "must name a parameter that is an integer");
  }
  reader.refuse_unknown();
  return ready;
}

std::vector<std::string> read_inherit(TableReader& top) {
  const auto names = top.texts("inherit");
  if (names.empty()) return names;
  for (const Setting& item : top.any("inherit")->items) {
    if (!item.is_string()) continue;
    const std::string& name = item.text();
    const bool is_name = name.find_first_of("= \t\n") == std::string::npos && !name.empty() &&
                         name != "*" && name.find('*') >= name.size() - 1;
    if (is_name && !base::is_libpq_variable(name)) continue;
    top.mistakes().add(item.place, fmt::format("inherit cannot hold {}", in_quotes(name)),
                       is_name ? "poolbench says which database is used, and how; what shall hold "
                                 "in every run goes into serve.environment"
                               : "name variables: [\"APP_MODE\", \"APP_*\"]");
  }
  return names;
}

TargetSpec read_whole(TableReader& top, const Setting& root, const std::filesystem::path& folder) {
  TargetSpec spec;
  if (!top.has("schema")) top.refuse_missing("schema", "write schema = 2");
  spec.schema = static_cast<int>(top.integer("schema", 1, 2).value_or(2));
  spec.name = top.required_text("name");
  if (spec.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos ||
      spec.name.starts_with('.')) {
    top.refuse("name", "cannot be the name of a folder", "use letters, digits and hyphens");
  }
  refuse_long_name(top);
  spec.summary = top.text("summary").value_or("");
  spec.folder = folder;
  spec.params = read_parameters(top.any("params"), root.place, top.mistakes());
  spec.rules = read_rules(top, spec.params);
  spec.inherit = read_inherit(top);
  TargetRequests requests = read_requests(top, folder);
  spec.endpoints = std::move(requests.endpoints);
  spec.logins = std::move(requests.logins);
  spec.request_files = std::move(requests.files);
  spec.default_endpoint = top.required_text("default_endpoint");
  refuse_unknown_name(top, "default_endpoint", spec.default_endpoint, "endpoint",
                      names_of(spec.endpoints));
  spec.prepare = read_prepare(top, folder);
  spec.data = read_data(top, folder);
  spec.serve = read_serve(top, folder);
  spec.ready = read_ready(top, spec);
  spec.metrics = read_metrics(top, {.prefix = "target.", .is_measured = true});
  TableReader versions = below(top, "versions");
  spec.versions_command = versions.texts("command");
  check_placeholders(versions, "command", base::TextPlace::kVersions);
  versions.refuse_unknown();
  top.refuse_unknown();
  return spec;
}

}  // namespace

std::optional<TargetSpec> read_target(const std::shared_ptr<const Source>& source,
                                      const std::filesystem::path& folder, Mistakes& mistakes) {
  const std::size_t before = mistakes.count();
  const std::optional<Setting> root = parse_toml(source->text, source, mistakes);
  if (!root) return std::nullopt;
  TableReader top(&*root, "", root->place, mistakes);
  TargetSpec spec = read_whole(top, *root, folder);
  return mistakes.count() == before ? std::optional(std::move(spec)) : std::nullopt;
}

}  // namespace poolbench::scenario
