#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "console/output.h"

namespace poolbench::cli {

void add_completion_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("completion", "Print what completes words in a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->footer(
      "Examples:\n  source <(poolbench completion bash)\n"
      "  poolbench completion zsh > ~/.zsh/functions/_poolbench");
  command->callback([&app, shell, &exit_code] {
    const CommandWords program = words_of(app);
    console::put("{}", *shell == "bash" ? bash_completion(program) : zsh_completion(program));
    exit_code = console::kDone;
  });
}

void add_manual_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("manual", "Print the manual page, for man(1)");
  command->footer("Example:\n  poolbench manual > poolbench.1 && man ./poolbench.1");
  command->callback([&app, &exit_code] {
    console::put("{}", manual_page(words_of(app)));
    exit_code = console::kDone;
  });
}

}  // namespace poolbench::cli
