#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "base/version.h"
#include "cli/command_line.h"

namespace poolbench::cli {
namespace {

/// Text that man(7) shows as it is.
std::string roff(const std::string& text) {
  std::string escaped;
  bool is_line_start = true;
  for (const char c : text) {
    if (is_line_start && (c == '.' || c == '\'')) escaped += "\\&";
    is_line_start = c == '\n';
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// "[options] REPORT…".
std::string usage_of(const CommandWords& command) {
  std::string usage = command.options.empty() ? "" : "[options]";
  if (!command.commands.empty()) usage += " COMMAND";
  for (const OptionWords& argument : command.arguments) {
    const std::string name = upper(argument.names.front()) + (argument.is_many ? "…" : "");
    usage += argument.is_required ? " " + name : fmt::format(" [{}]", name);
  }
  return usage;
}

std::string entry_of(const OptionWords& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names)
    names.push_back(fmt::format("\\fB{}\\fR", roff(name)));
  std::string line = fmt::format("{}", fmt::join(names, ", "));
  if (!option.choices.empty()) {
    line += fmt::format(" {}", roff(fmt::format("{}", fmt::join(option.choices, "|"))));
  } else if (!option.value.empty()) {
    line += fmt::format(" \\fI{}\\fR", roff(option.value));
  }
  return fmt::format(".TP\n{}\n{}\n", line, roff(option.description));
}

void add_command(const CommandWords& command, std::string& text) {
  text += fmt::format(".SS {}\n", roff(command.name));
  text += fmt::format(".B {}\n{}\n.PP\n{}.\n", roff(command.name), roff(usage_of(command)),
                      roff(command.description));
  for (const OptionWords& argument : command.arguments) {
    OptionWords shown = argument;
    shown.names = {upper(argument.names.front())};
    shown.value.clear();
    text += entry_of(shown);
  }
  for (const OptionWords& option : command.options) text += entry_of(option);
  if (!command.footer.empty()) {
    text += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.footer));
  }
  for (const CommandWords& below : command.commands) add_command(below, text);
}

}  // namespace

std::string manual_page(const CommandWords& program) {
  std::string text =
      fmt::format(".TH {} 1 \"\" \"{} {}\"\n", upper(program.name), program.name, base::kVersion);
  text += fmt::format(".SH NAME\n{} \\- measure ways of connecting to PostgreSQL\n",
                      roff(program.name));
  text += fmt::format(".SH SYNOPSIS\n.B {}\n{}\n", roff(program.name), roff(usage_of(program)));
  text += fmt::format(".SH DESCRIPTION\n{}\n", roff(program.description));
  text += ".SH COMMANDS\n";
  for (const CommandWords& command : program.commands) add_command(command, text);
  return text;
}

}  // namespace poolbench::cli
