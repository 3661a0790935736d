#include "service/serve_command.h"

#include "service/prepare.h"

namespace poolbench::service {
namespace {

std::string replaced(std::string word, std::string_view from, const std::string& to) {
  const std::size_t at = word.find(from);
  if (at != std::string::npos) word.replace(at, from.size(), to);
  return word;
}

std::string plain(const base::Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> parameter_arguments(const scenario::TargetSettings& settings) {
  std::vector<std::string> arguments;
  for (const auto& [name, parameter] : settings.spec->params) {
    for (const std::string& word : parameter.argument) {
      arguments.push_back(replaced(word, "{value}", plain(settings.params.at(name))));
    }
  }
  return arguments;
}

std::vector<std::string> serve_argv(const scenario::TargetSettings& settings,
                                    const base::Endpoint& endpoint) {
  std::vector<std::string> argv;
  std::vector<std::string> arguments = parameter_arguments(settings);
  for (const std::string& word : settings.spec->serve.command) {
    if (word == "{arguments}") {
      argv.insert(argv.end(), arguments.begin(), arguments.end());
      arguments.clear();
    } else {
      argv.push_back(replaced(replaced(word, "{host}", endpoint.host), "{port}",
                              std::to_string(endpoint.port)));
    }
  }
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

}  // namespace

process::Command serve_command(const scenario::TargetSettings& settings, const TargetPlaces& places,
                               const base::Endpoint& endpoint) {
  const scenario::TargetSpec& spec = *settings.spec;
  process::Command command;
  command.name = "target";
  command.argv = target_command(spec, serve_argv(settings, endpoint), places.prepared);
  command.environment = places.environment;
  for (const auto& [name, value] : spec.serve.environment) command.environment[name] = value;
  for (const auto& [name, parameter] : spec.params) {
    if (!parameter.environment.empty()) {
      command.environment[parameter.environment] = settings.params.at(name).dump();
    }
  }
  command.folder = spec.serve.folder;
  command.log = places.log;
  command.cpus = places.cpus;
  command.stop = {spec.serve.stop_signal, spec.serve.stop_grace};
  return command;
}

}  // namespace poolbench::service
