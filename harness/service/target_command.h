#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/placeholder.h"
#include "process/launch.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/certificate.h"

// The words and the environment of the commands that a target, or a service, declares.

namespace poolbench::service {

/// What the placeholders of a target's texts stand for. `environment` is that of the command: its
/// libpq variables say which database is meant ({pghost} …, {database_url}); what they leave open
/// has no value. `server` is where the target shall listen.
base::WordValues target_words(const std::filesystem::path& prepared,
                              const base::Environment& environment = {},
                              const std::optional<base::HttpServer>& server = std::nullopt);

/// Adds {params.NAME} of each of them.
void add_parameters(base::WordValues& words, const std::map<std::string, base::Json>& params);

/// Gives the command these words, filled; `arguments` come as they are where {arguments} stands, or
/// at the end. A relative program with a '/' is taken from the target's folder. Messages show the
/// words as they were, since a password may be filled in.
base::Result<void> set_words(process::Command& command, const scenario::ProgramSpec& program,
                             const std::vector<std::string>& argv, const base::WordValues& values,
                             std::vector<std::string> arguments = {});

/// All that a program of a target or service gets (data and version commands, the server): the
/// standard part of `caller`'s environment, what its `inherit` names, and over them `database`,
/// libpq's variables.
base::Environment target_environment(const scenario::ProgramSpec& program,
                                     const base::Environment& database = {},
                                     const base::Environment& caller = base::own_environment());

/// What the target's programs get of the caller's environment, as a SHA-256 of each value by name.
struct InheritedHashes {
  base::Json named;   ///< what `inherit` names; null: not set
  base::Json always;  ///< the standard part
};
InheritedHashes inherited_hashes(const scenario::ProgramSpec& program,
                                 const base::Environment& caller = base::own_environment());

/// Parameters that a target declares, and their values.
struct Parameters {
  const std::map<std::string, scenario::ParameterSpec>& specs;
  const std::map<std::string, base::Json>& values;
};

/// What they add to a command: their arguments and flags, in which `words` are filled.
base::Result<std::vector<std::string>> parameter_words(const Parameters& parameters,
                                                       base::WordValues words);

/// Sets the variables of those that have one: strings bare, all else as JSON (under schema 1 of
/// target.toml strings, too).
void set_variables(base::Environment& environment, const Parameters& parameters, int schema = 2);

/// Sets the variables that [serve] or [data] declares, filled.
base::Result<void> set_environment(process::Command& command,
                                   const std::map<std::string, std::string>& declared,
                                   const base::WordValues& words);

/// What {params.X} and {data.params.X} stand for: strings bare, all else as JSON.
base::WordValues setting_words(const scenario::TargetSettings& settings);

/// What a target needs besides its own settings.
struct TargetPlaces {
  std::filesystem::path prepared;  ///< from prepare_program
  base::Environment environment;   ///< from target_environment
  std::filesystem::path log;
  std::vector<int> cpus;
  std::filesystem::path socket{};  ///< of a target that listens on a unix socket
  TlsFiles tls{};                  ///< of one that speaks TLS
  process::Child* database_server =
      nullptr;  ///< whose end ends waiting for the target; null: not ours
  std::vector<process::Child*> service_children{};  ///< the same of services
  base::WordValues services{};                      ///< addresses of those beside the path
  std::filesystem::path files{};  ///< of this start: where the target's files are rendered
  /// Where they are shown, with no password in them.
  std::filesystem::path shown_files{};
};

/// What the placeholders of its command, its environment and its templates stand for.
base::WordValues serve_words(const scenario::TargetSettings& settings, const TargetPlaces& places,
                             const base::HttpServer& server);

/// The same for who looks at the files later: what holds the database's password stands as its
/// placeholder, if there is a password.
base::WordValues without_password(base::WordValues words);

/// Renders the program's files into `folder`, which is made, readable for nobody else, since they
/// may hold a password. kFailed when one cannot be written.
base::Result<void> render_files(const scenario::ProgramSpec& program, const base::WordValues& words,
                                const std::filesystem::path& folder);

/// The commands that make the target's data in the database that `database` (libpq's variables)
/// names, in their order. The arguments of the data's parameters stand where "{arguments}" is, or
/// at the end of a command that is the only one.
base::Result<std::vector<process::Command>> data_commands(const scenario::TargetSettings& settings,
                                                          const std::filesystem::path& prepared,
                                                          const base::Environment& database);

/// The target's serve command with its placeholders and the parameters filled in: those with an
/// argument or flag stand where "{arguments}" is (or at the end), those with an environment
/// variable there: strings bare, all else as JSON (under schema 1 strings, too).
base::Result<process::Command> serve_command(const scenario::TargetSettings& settings,
                                             const TargetPlaces& places,
                                             const base::HttpServer& server);

}  // namespace poolbench::service
