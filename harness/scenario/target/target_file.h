#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "scenario/diagnostics.h"
#include "scenario/target/program_spec.h"
#include "scenario/target/target_metrics.h"
#include "scenario/target/target_requests.h"

// A target.toml: what it says, and how it is found and read.

namespace poolbench::scenario {

struct Setting;

/// target.toml, whole. Its texts hold placeholders that are known where they stand
/// (base/placeholder.h).
struct TargetSpec : ProgramSpec {
  int schema = 2;  ///< 1: environment variables hold strings as JSON, in quotes
  std::string default_endpoint;
  std::vector<std::string> needs;  ///< names of services that run beside it
  std::map<std::string, EndpointSpec> endpoints;
  std::vector<LoginSpec> logins;
  std::map<std::string, RequestFile> request_files;  ///< by name, as it is written

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
  struct Serve : ProgramSpec::Serve {
    /// Set: the server runs already, nothing is started, and all else is as it is here.
    std::optional<base::HttpServer> running;
    bool tls = false;
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
  std::vector<MetricSpec> metrics;
  /// What it says of where its requests' time goes.
  struct Budget {
    /// How many requests it works on at once, where these conditions hold: the product of these
    /// parameters.
    struct ServesAtOnce {
      std::vector<RuleSpec::Condition> when;
      std::vector<std::string> params;
    };
    /// What tells how long requests wait for a connection of its own pool. It has no such pool
    /// where there are conditions and all of them hold.
    struct ConnectionWait {
      std::vector<RuleSpec::Condition> none_when;
      std::string metric;      ///< "target.pool_wait_ms", a counter per request
      double us_per_unit = 1;  ///< of that metric
    };
    std::vector<ServesAtOnce> serves_at_once;  ///< the first whose conditions hold counts
    std::optional<ConnectionWait> connection_wait;
  } budget;
};

/// The placeholder of a needed service: "service.redis.port".
std::string service_word(std::string_view service, std::string_view place);

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
