#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "scenario/diagnostics.h"
#include "scenario/target/target_metrics.h"
#include "scenario/target/target_requests.h"

// A target.toml: what it says, and how it is found and read.

namespace poolbench::scenario {

struct Setting;

/// One parameter of a target: what it may be and how it reaches the process.
struct ParameterSpec {
  std::vector<std::string> types;  ///< boolean, integer, number, string, table
  base::Json default_value;
  std::optional<double> min, max;
  std::vector<std::string> choices;
  std::string summary;
  std::vector<std::string> argument;  ///< elements with "{value}"; empty: not an argument
  std::string flag;                   ///< a word that is there when the value is true; empty: none
  std::string environment;            ///< variable that holds the value; empty: none
};

/// Refused when every condition holds.
struct RuleSpec {
  struct Condition {
    std::string parameter;
    base::Json value;
    bool negated = false;  ///< { not = value }
  };
  std::vector<Condition> when;
  std::string message;
  std::string next;
};

/// A file beside target.toml that is rendered for each start of the target. What was checked when
/// the target was read is what is rendered.
struct FileTemplate {
  std::string file_name;  ///< of the result
  std::string text;
  std::string sha256;
};

/// target.toml, whole. Its texts hold placeholders that are known where they stand
/// (base/placeholder.h).
struct TargetSpec {
  int schema = 2;  ///< 1: environment variables hold strings as JSON, in quotes
  std::string name;
  std::string summary;
  std::filesystem::path folder;  ///< absolute; relative paths and commands start here
  std::string default_endpoint;
  std::map<std::string, ParameterSpec> params;
  std::vector<RuleSpec> rules;
  std::map<std::string, EndpointSpec> endpoints;
  std::vector<LoginSpec> logins;
  std::map<std::string, RequestFile> request_files;  ///< by name, as it is written
  std::map<std::string, FileTemplate> files;         ///< {file.NAME}, by NAME

  struct Prepare {
    std::vector<std::string> inputs;
    std::vector<std::string> command;  ///< empty: nothing to prepare
    base::Duration timeout{};
  } prepare;
  struct Data {
    /// Unset while there are commands: nothing tells which files they read.
    std::optional<std::vector<std::string>> inputs;
    std::vector<std::string> extensions;             ///< made by a superuser before the commands
    std::vector<std::vector<std::string>> commands;  ///< may be empty
    std::filesystem::path folder;                    ///< absolute
    std::map<std::string, std::string> environment;
    std::map<std::string, ParameterSpec> params;  ///< data.params.NAME
    base::Duration timeout{};
  } data;
  struct Serve {
    /// Set: the server runs already, nothing is started, and all else is as it is here.
    std::optional<base::HttpServer> running;
    bool unix_socket = false;  ///< it listens on one instead of a TCP port
    bool tls = false;
    std::vector<std::string> command;
    std::filesystem::path folder;  ///< absolute
    std::map<std::string, std::string> environment;
    int stop_signal = 15;
    base::Duration stop_grace{};
  } serve;
  struct Ready {
    std::string endpoint;
    base::Duration timeout{};
    std::string worker_header;  ///< empty: no header tells workers apart
    /// Its value: how many workers must have answered, by the header or else by the connections
    /// that they hold; empty: one answer is enough.
    std::string worker_param;
    /// How long it is asked until it counts as ready, where nothing tells workers apart; zero: not.
    base::Duration settle{};
  } ready;
  std::vector<std::string> versions_command;  ///< empty: unknown
  /// Variables of the caller's environment that its programs get beside those that every program
  /// gets: names, or beginnings of names and a '*'.
  std::vector<std::string> inherit;
  std::vector<MetricSpec> metrics;
};

/// What stands below the inputs of a target: each file by its path, with an empty text. A symbolic
/// link to a folder is followed; one that leads nowhere, or to a folder that was listed already (as
/// a loop does), stands for itself, with where it leads as its text.
using InputFiles = std::map<std::filesystem::path, std::string>;

/// Lists an input, a file or folder below `folder`, with all that stands in it, less Python's byte
/// code. Fails when it cannot be read, and when there is no file.
base::Result<InputFiles> input_files(const std::filesystem::path& folder, const std::string& input);

/// Reads the text of a target.toml that stands in `folder`. Every mistake is collected; nothing is
/// returned if there is one.
std::optional<TargetSpec> read_target(const std::shared_ptr<const Source>& source,
                                      const std::filesystem::path& folder, Mistakes& mistakes);

/// How a file that describes a target is called.
inline constexpr const char* kTargetFile = "target.toml";

/// Names of the folders of `folder` that hold a target.toml, sorted; empty if it cannot be read.
std::vector<std::string> targets_in(const std::filesystem::path& folder);

/// Finds targets beside a scenario file: a word is `targets/<word>/target.toml` in the scenario's
/// folder; what holds a '/' or ends in ".toml" is a path from there (a folder means its
/// target.toml). Each file is read once.
class TargetLookup {
 public:
  explicit TargetLookup(std::filesystem::path scenario_folder);
  std::shared_ptr<const TargetSpec> find(const Setting& use, Mistakes& mistakes);

 private:
  std::shared_ptr<const TargetSpec> load(const Setting& use, Mistakes& mistakes) const;

  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<const TargetSpec>> loaded_;
};

}  // namespace poolbench::scenario
