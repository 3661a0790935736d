#include "scenario/target/program_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "base/environment.h"
#include "scenario/target/target_data.h"

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

int read_signal(TableReader& reader) {
  std::vector<std::string> names;
  for (const auto& [name, number] : kSignals) names.emplace_back(name);
  const std::string chosen = reader.choice("stop_signal", names).value_or("TERM");
  return std::ranges::find(kSignals, chosen, &std::pair<std::string_view, int>::first)->second;
}

}  // namespace

TableReader table_below(TableReader& top, std::string_view key) {
  const Setting* table = top.any(key);
  return {table, top.path(key), top.place(key), top.mistakes()};
}

void read_head(TableReader& top, const std::filesystem::path& folder, ProgramSpec& spec) {
  spec.name = top.required_text("name");
  if (spec.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos ||
      spec.name.starts_with('.')) {
    top.refuse("name", "cannot be the name of a folder", "use letters, digits and hyphens");
  }
  refuse_long_name(top);
  spec.summary = top.text("summary").value_or("");
  spec.folder = folder;
  spec.inherit = read_inherit(top);
}

ProgramSpec::Prepare read_prepare(TableReader& top, const std::filesystem::path& folder) {
  TableReader reader = table_below(top, "prepare");
  ProgramSpec::Prepare prepare;
  prepare.inputs = read_inputs(reader, folder);
  if (top.has("prepare")) {
    prepare.command = required_command(reader, base::TextPlace::kPrepare);
  }
  prepare.timeout = reader.duration("timeout", 1s).value_or(10min);
  reader.refuse_unknown();
  return prepare;
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

std::vector<std::string> read_versions(TableReader& top, const base::OtherWords& words) {
  TableReader reader = table_below(top, "versions");
  std::vector<std::string> command = reader.texts("command");
  check_placeholders(reader, "command", base::TextPlace::kVersions, words);
  reader.refuse_unknown();
  return command;
}

std::vector<std::string> required_command(TableReader& reader, base::TextPlace place,
                                          const base::OtherWords& words,
                                          const std::vector<UnfilledWord>& unfilled) {
  std::vector<std::string> command = reader.texts("command");
  check_placeholders(reader, "command", place, words, unfilled);
  if (const Setting* written = reader.any("command")) {
    check_arguments_word(*written, reader.path("command"), reader.mistakes());
  }
  if (!reader.has("command")) {
    reader.refuse_missing("command", "a list: the program and its arguments");
  } else if (command.empty() || command.front().empty()) {
    reader.refuse("command", "must be a list of strings: the program and its arguments");
  }
  return command;
}

void read_start(TableReader& reader, const StartWords& words, ProgramSpec::Serve& serve) {
  serve.command = required_command(reader, words.command, words.words, words.unfilled);
  serve.environment = reader.text_by_name("environment");
  check_placeholders(reader, "environment", words.environment, words.words, words.unfilled);
  for (const auto& [name, value] : serve.environment) {
    if (!is_variable(name)) reader.refuse("environment", not_a_variable(name));
  }
  serve.unix_socket = reader.choice("listen", {"tcp", "unix"}) == "unix";
  serve.stop_signal = read_signal(reader);
  serve.stop_grace = reader.duration("stop_grace").value_or(5s);
}

bool listens_on_unix_socket(TableReader& top) {
  const Setting* const serve = top.any("serve");
  const Setting* const listen = serve == nullptr ? nullptr : serve->find("listen");
  return listen != nullptr && listen->is_string() && listen->text() == "unix";
}

UnfilledWord no_socket_word() {
  return {base::kSocketWord, "stands for nothing without serve.listen = \"unix\"",
          "set serve.listen = \"unix\", or write {host} and {port}"};
}

}  // namespace poolbench::scenario
