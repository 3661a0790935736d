#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>

#include "cli/commands.h"
#include "console/output.h"
#include "load/native_driver.h"

namespace poolbench::cli {
namespace {

int become_generator(std::vector<std::string> words) {
  const std::string program = load::native_program().string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  const auto failure =
      base::failed(fmt::format("the load generator cannot be started: {}", std::strerror(errno)),
                   program, "it is built with poolbench and must stay in the same folder");
  return console::report_error(failure.value());
}

}  // namespace

void add_load_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("load", "Offer load to one URL and measure the answers");
  command->set_help_flag();
  command->prefix_command();
  command->callback([command, &exit_code] { exit_code = become_generator(command->remaining()); });
}

}  // namespace poolbench::cli
