#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_line.h"

namespace poolbench::cli {
namespace {

/// "list targets" of "poolbench list targets"; empty for the program itself.
std::string below_program(const CommandWords& command) {
  const std::size_t blank = command.name.find(' ');
  return blank == std::string::npos ? std::string() : command.name.substr(blank + 1);
}

std::string last_word(const CommandWords& command) {
  return command.name.substr(command.name.rfind(' ') + 1);
}

/// The command and all below it, each before those below it.
void collect(const CommandWords& command, std::vector<const CommandWords*>& all) {
  all.push_back(&command);
  for (const CommandWords& below : command.commands) collect(below, all);
}

std::vector<const CommandWords*> all_of(const CommandWords& program) {
  std::vector<const CommandWords*> all;
  collect(program, all);
  return all;
}

/// What can follow a command: the commands below it, or its options.
std::vector<std::string> words_after(const CommandWords& command) {
  std::vector<std::string> words;
  for (const CommandWords& below : command.commands) words.push_back(last_word(below));
  for (const OptionWords& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  return words;
}

}  // namespace

std::string bash_completion(const CommandWords& program) {
  std::string commands, values, words;
  for (const CommandWords* command : all_of(program)) {
    const std::string name = below_program(*command);
    if (!name.empty()) commands += fmt::format("{}\"{}\"", commands.empty() ? "" : "|", name);
    for (const OptionWords& option : command->options) {
      if (option.value.empty()) continue;
      for (const std::string& each : option.names) {
        values += fmt::format("    \"{}:{}\") words=\"{}\"; is_value=1 ;;\n", name, each,
                              fmt::join(option.choices, " "));
      }
    }
    words += fmt::format("      \"{}\") words=\"{}\"; takes_files={} ;;\n", name,
                         fmt::join(words_after(*command), " "), command->commands.empty() ? 1 : 0);
  }
  return fmt::format(R"(# bash completion for {0}: source it, or put it where bash-completion looks.
_{0}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command="" longer words="" is_value=0 takes_files=1 i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    longer="${{command:+$command }}${{COMP_WORDS[i]}}"
    case "$longer" in
      {1}) command=$longer ;;
    esac
  done
  COMPREPLY=()
  case "$command:$before" in
{2}  esac
  if ((!is_value)); then
    case "$command" in
{3}    esac
    if ((takes_files)) && [[ $word != -* ]]; then return; fi
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _{0} {0}
)",
                     program.name, commands, values, words);
}

namespace {

/// Within single quotes of zsh, where _arguments gives brackets and colons a meaning.
std::string zsh_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else if (c == '\n') {
      escaped += ' ';
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

/// One option's line of _arguments.
std::string zsh_option(const OptionWords& option) {
  std::string lines;
  for (const std::string& name : option.names) {
    std::string line =
        fmt::format("'{}{}[{}]", option.is_many ? "*" : "", name, zsh_text(option.description));
    if (!option.value.empty()) {
      line += fmt::format(":{}:", zsh_text(option.value));
      line +=
          option.choices.empty() ? "_files" : fmt::format("({})", fmt::join(option.choices, " "));
    }
    lines += " \\\n        " + line + "'";
  }
  return lines;
}

}  // namespace

std::string zsh_completion(const CommandWords& program) {
  std::string cases;
  for (const CommandWords* command : all_of(program)) {
    std::string body = "_arguments";
    for (const OptionWords& option : command->options) body += zsh_option(option);
    if (command->commands.empty()) {
      body += " \\\n        '*:file:_files'";
    } else {
      std::vector<std::string> names;
      for (const CommandWords& below : command->commands) names.push_back(last_word(below));
      body += fmt::format(" \\\n        '1:command:({})'", fmt::join(names, " "));
    }
    cases += fmt::format("    '{}')\n      {}\n      ;;\n", below_program(*command), body);
  }
  std::vector<std::string> names;
  for (const CommandWords* command : all_of(program)) {
    const std::string name = below_program(*command);
    if (!name.empty()) names.push_back("'" + name + "'");
  }
  return fmt::format(R"(#compdef {0}
# zsh completion for {0}: put it as _{0} into a folder of $fpath.
_{0}() {{
  local command="" longer i depth=0
  for ((i = 2; i < CURRENT; ++i)); do
    longer="${{command:+$command }}${{words[i]}}"
    case "$longer" in
      {1}) command=$longer depth=$((depth + 1)) ;;
    esac
  done
  words=("${{words[1]}}" "${{(@)words[depth + 2,-1]}}")
  CURRENT=$((CURRENT - depth))
  case "$command" in
{2}  esac
}}
_{0} "$@"
)",
                     program.name, fmt::join(names, "|"), cases);
}

}  // namespace poolbench::cli
