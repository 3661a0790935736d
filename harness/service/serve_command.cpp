#include "service/serve_command.h"

#include <utility>

#include "base/json.h"
#include "service/target_words.h"

namespace poolbench::service {
namespace {

/// A parameter's value as the application gets it: a string bare, all else as JSON.
std::string plain(const base::Json& value) {
  return value.is_string() ? value.get<std::string>() : base::json_dump(value);
}

/// What the parameters add to the command.
base::Result<std::vector<std::string>> parameter_words(const scenario::TargetSettings& settings,
                                                       base::WordValues values) {
  std::vector<std::string> words;
  for (const auto& [name, parameter] : settings.spec->params) {
    const base::Json& value = settings.params.at(name);
    values[base::kValueWord] = plain(value);
    std::vector<std::string> own = parameter.argument;
    if (!parameter.flag.empty() && value == true) own.push_back(parameter.flag);
    for (const std::string& word : own) {
      auto filled = base::fill(word, values);
      if (!filled) return tl::unexpected(filled.error());
      words.push_back(*std::move(filled));
    }
  }
  return words;
}

}  // namespace

base::Result<process::Command> serve_command(const scenario::TargetSettings& settings,
                                             const TargetPlaces& places,
                                             const base::Endpoint& endpoint) {
  const scenario::TargetSpec& spec = *settings.spec;
  const auto values = target_words(places.prepared, places.environment, endpoint);
  process::Command command;
  command.name = "target";
  auto arguments = parameter_words(settings, values);
  if (!arguments) return tl::unexpected(arguments.error());
  POOLBENCH_TRY(set_words(command, spec, spec.serve.command, values, *std::move(arguments)));
  command.environment = places.environment;
  for (const auto& [name, text] : spec.serve.environment) {
    auto filled = base::fill(text, values);
    if (!filled) return tl::unexpected(filled.error());
    command.environment[name] = *std::move(filled);
  }
  for (const auto& [name, parameter] : spec.params) {
    if (parameter.environment.empty()) continue;
    const base::Json& value = settings.params.at(name);
    command.environment[parameter.environment] =
        spec.schema == 1 ? base::json_dump(value) : plain(value);
  }
  command.folder = spec.serve.folder;
  command.log = places.log;
  command.cpus = places.cpus;
  command.stop = {spec.serve.stop_signal, spec.serve.stop_grace};
  return command;
}

}  // namespace poolbench::service
