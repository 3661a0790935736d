#include "service/target_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "scenario/target/target_data.h"

namespace poolbench::service {
namespace {

using base::Environment;

constexpr std::array<std::pair<const char*, const char*>, 4> kWordOfVariable{
    {{"pghost", "PGHOST"},
     {"pgport", "PGPORT"},
     {"pguser", "PGUSER"},
     {"pgdatabase", "PGDATABASE"}}};

constexpr std::array<std::pair<const char*, const char*>, 2> kWordThatMayBeEmpty{
    {{"pgpassword", "PGPASSWORD"}, {"pgsslrootcert", "PGSSLROOTCERT"}}};

/// What a URL says after its '?'.
constexpr std::array<std::pair<const char*, const char*>, 8> kParameterOfVariable{
    {{"hostaddr", "PGHOSTADDR"},
     {"passfile", "PGPASSFILE"},
     {"channel_binding", "PGCHANNELBINDING"},
     {"sslmode", "PGSSLMODE"},
     {"sslrootcert", "PGSSLROOTCERT"},
     {"sslcert", "PGSSLCERT"},
     {"sslkey", "PGSSLKEY"},
     {"options", "PGOPTIONS"}}};

std::string value_of(const base::WordValues& values, const char* word) {
  const auto found = values.find(word);
  return found == values.end() ? std::string() : found->second;
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

/// The database as one URL, in the form that libpq and most drivers read. A socket's folder and a
/// list of hosts have no place before the '/', and stand behind the '?'.
std::string database_url(const base::WordValues& values, const Environment& environment) {
  const std::string host = value_of(values, "pghost"), port = value_of(values, "pgport");
  const std::string password = value_of(values, "pgpassword");
  const bool is_name = host.find_first_of("/@,") == std::string::npos;
  std::vector<std::string> parameters;
  std::string url = "postgresql://" + percent_encoded(value_of(values, "pguser"));
  if (!password.empty()) url += ":" + percent_encoded(password);
  if (url.back() != '/') url += "@";
  if (is_name) {
    url += host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
    url += ":" + port;
  } else {
    parameters = {"host=" + percent_encoded(host), "port=" + percent_encoded(port)};
  }
  for (const auto& [parameter, variable] : kParameterOfVariable) {
    const auto found = environment.find(variable);
    if (found == environment.end()) continue;
    parameters.push_back(fmt::format("{}={}", parameter, percent_encoded(found->second)));
  }
  url += "/" + percent_encoded(value_of(values, "pgdatabase"));
  return parameters.empty() ? url : fmt::format("{}?{}", url, fmt::join(parameters, "&"));
}

base::Environment named_by(const scenario::ProgramSpec& program, const base::Environment& caller) {
  base::Environment named;
  for (const auto& [name, value] : caller) {
    const bool wanted = std::ranges::any_of(program.inherit, [&](const std::string& pattern) {
      return base::means_variable(pattern, name);
    });
    if (wanted && !base::is_libpq_variable(name)) named[name] = value;
  }
  return named;
}

base::Json hashes(const base::Environment& variables) {
  base::Json json = base::Json::object();
  for (const auto& [name, value] : variables) json[name] = base::sha256_hex(value);
  return json;
}

/// A parameter's value as the application gets it: a string bare, all else as JSON.
std::string plain(const base::Json& value) {
  return value.is_string() ? value.get<std::string>() : base::json_dump(value);
}

void add_words(base::WordValues& words, const std::string& prefix,
               const std::map<std::string, base::Json>& values) {
  for (const auto& [name, value] : values) words[prefix + "." + name] = plain(value);
}

}  // namespace

base::Result<void> set_environment(process::Command& command,
                                   const std::map<std::string, std::string>& declared,
                                   const base::WordValues& words) {
  for (const auto& [name, text] : declared) {
    auto filled = base::fill(text, words);
    if (!filled) return tl::unexpected(filled.error());
    command.environment[name] = *std::move(filled);
  }
  return {};
}

base::WordValues target_words(const std::filesystem::path& prepared, const Environment& environment,
                              const std::optional<base::HttpServer>& server) {
  base::WordValues values{{"prepared", prepared.string()}};
  if (server && server->unix_socket.empty()) {
    values[base::kHostWord] = server->endpoint.host;
    values[base::kPortWord] = std::to_string(server->endpoint.port);
  } else if (server) {
    values[base::kSocketWord] = server->unix_socket;
  }
  for (const auto& [word, variable] : kWordOfVariable) {
    const auto found = environment.find(variable);
    if (found != environment.end()) values[word] = found->second;
  }
  if (!values.contains("pgdatabase")) return values;
  if (const auto address = environment.find("PGHOSTADDR"); address != environment.end()) {
    values.emplace("pghost", address->second);
  }
  values.emplace("pgport", "5432");
  for (const auto& [word, variable] : kWordThatMayBeEmpty) {
    const auto found = environment.find(variable);
    values[word] = found == environment.end() ? std::string() : found->second;
  }
  if (values.contains("pghost")) values["database_url"] = database_url(values, environment);
  return values;
}

void add_parameters(base::WordValues& words, const std::map<std::string, base::Json>& params) {
  for (const auto& [name, value] : params) {
    words["params." + name] = value.is_string() ? value.get<std::string>() : base::json_dump(value);
  }
}

base::Result<void> set_words(process::Command& command, const scenario::ProgramSpec& program,
                             const std::vector<std::string>& argv, const base::WordValues& values,
                             std::vector<std::string> arguments) {
  command.shown = argv;
  command.argv.clear();
  for (const std::string& word : argv) {
    if (base::holds_word(word, base::kArgumentsWord)) {
      std::ranges::move(std::exchange(arguments, {}), std::back_inserter(command.argv));
      continue;
    }
    auto filled = base::fill(word, values);
    if (!filled) return tl::unexpected(filled.error());
    command.argv.push_back(*std::move(filled));
  }
  std::ranges::move(arguments, std::back_inserter(command.argv));
  if (command.argv.empty())
    return base::bad_input(fmt::format("a command of {} {} is empty", program.kind, program.name));
  const std::filesystem::path named(command.argv.front());
  if (named.is_relative() && named.has_parent_path()) {
    command.argv.front() = (program.folder / named).lexically_normal().string();
  }
  return {};
}

base::Result<std::vector<std::string>> parameter_words(const Parameters& parameters,
                                                       base::WordValues words) {
  std::vector<std::string> all;
  for (const auto& [name, parameter] : parameters.specs) {
    const base::Json& value = parameters.values.at(name);
    words[base::kValueWord] = plain(value);
    std::vector<std::string> own = parameter.argument;
    if (!parameter.flag.empty() && value == true) own.push_back(parameter.flag);
    for (const std::string& word : own) {
      auto filled = base::fill(word, words);
      if (!filled) return tl::unexpected(filled.error());
      all.push_back(*std::move(filled));
    }
  }
  return all;
}

void set_variables(base::Environment& environment, const Parameters& parameters, int schema) {
  for (const auto& [name, parameter] : parameters.specs) {
    if (parameter.environment.empty()) continue;
    const base::Json& value = parameters.values.at(name);
    environment[parameter.environment] = schema == 1 ? base::json_dump(value) : plain(value);
  }
}

base::WordValues setting_words(const scenario::TargetSettings& settings) {
  base::WordValues words;
  add_words(words, "params", settings.params);
  add_words(words, scenario::kDataParams, settings.data_params);
  return words;
}

base::Environment target_environment(const scenario::ProgramSpec& program,
                                     const base::Environment& database,
                                     const base::Environment& caller) {
  base::Environment environment = database;
  environment.merge(named_by(program, caller));
  environment.merge(base::standard_environment(caller));
  return environment;
}

InheritedHashes inherited_hashes(const scenario::ProgramSpec& program,
                                 const base::Environment& caller) {
  const base::Environment named = named_by(program, caller);
  InheritedHashes inherited{hashes(named), {}};
  for (const std::string& pattern : program.inherit) {
    if (!pattern.ends_with('*') && !named.contains(pattern)) inherited.named[pattern] = nullptr;
  }
  base::Environment always = base::standard_environment(caller);
  for (const auto& [name, value] : named) always.erase(name);
  inherited.always = hashes(always);
  return inherited;
}

base::WordValues serve_words(const scenario::TargetSettings& settings, const TargetPlaces& places,
                             const base::HttpServer& server) {
  base::WordValues words = target_words(places.prepared, places.environment, server);
  if (server.tls) {
    words[base::kTlsCertWord] = places.tls.certificate.string();
    words[base::kTlsKeyWord] = places.tls.key.string();
  }
  words.merge(setting_words(settings));
  words.insert(places.services.begin(), places.services.end());
  for (const auto& [name, file] : settings.spec->files) {
    words["file." + name] = (places.files / file.file_name).string();
  }
  return words;
}

base::WordValues without_password(base::WordValues words) {
  if (const auto password = words.find("pgpassword");
      password == words.end() || password->second.empty()) {
    return words;
  }
  for (const char* const word : {"pgpassword", "database_url"}) {
    words[word] = fmt::format("{{{}}}", word);
  }
  return words;
}

base::Result<void> render_files(const scenario::ProgramSpec& program, const base::WordValues& words,
                                const std::filesystem::path& folder) {
  if (program.files.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  for (const auto& [name, file] : program.files) {
    const auto text = base::fill(file.text, words);
    if (!text) return tl::unexpected(text.error());
    POOLBENCH_TRY(base::write_file_atomically(folder / file.file_name, *text));
  }
  return {};
}

base::Result<process::Command> serve_command(const scenario::TargetSettings& settings,
                                             const TargetPlaces& places,
                                             const base::HttpServer& server) {
  const scenario::TargetSpec& spec = *settings.spec;
  const Parameters parameters{spec.params, settings.params};
  const base::WordValues words = serve_words(settings, places, server);
  process::Command command;
  command.name = "target";
  auto arguments = parameter_words(parameters, words);
  if (!arguments) return tl::unexpected(arguments.error());
  POOLBENCH_TRY(set_words(command, spec, spec.serve.command, words, *std::move(arguments)));
  command.environment = places.environment;
  POOLBENCH_TRY(set_environment(command, spec.serve.environment, words));
  set_variables(command.environment, parameters, spec.schema);
  command.folder = spec.serve.folder;
  command.log = places.log;
  command.cpus = places.cpus;
  command.stop = {spec.serve.stop_signal, spec.serve.stop_grace};
  return command;
}

base::Result<std::vector<process::Command>> data_commands(const scenario::TargetSettings& settings,
                                                          const std::filesystem::path& prepared,
                                                          const base::Environment& database) {
  const scenario::TargetSpec& spec = *settings.spec;
  const Parameters parameters{spec.data.params, settings.data_params};
  const base::Environment environment = target_environment(spec, database);
  base::WordValues words = target_words(prepared, environment);
  add_words(words, scenario::kDataParams, settings.data_params);
  const auto arguments = parameter_words(parameters, words);
  if (!arguments) return tl::unexpected(arguments.error());
  std::vector<process::Command> commands;
  for (const auto& argv : spec.data.commands) {
    const bool takes_them =
        spec.data.commands.size() == 1 || std::ranges::any_of(argv, [](const std::string& word) {
          return base::holds_word(word, base::kArgumentsWord);
        });
    process::Command& command = commands.emplace_back();
    command.name = "data of target " + spec.name;
    command.environment = environment;
    POOLBENCH_TRY(set_words(command, spec, argv, words,
                            takes_them ? *arguments : std::vector<std::string>{}));
    POOLBENCH_TRY(set_environment(command, spec.data.environment, words));
    set_variables(command.environment, parameters, spec.schema);
    command.folder = spec.data.folder;
  }
  return commands;
}

}  // namespace poolbench::service
