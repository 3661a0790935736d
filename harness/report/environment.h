#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/fields.h"

// Where a run took place, and with what programs.

namespace poolbench::report {

struct PostgresFacts {
  std::string version, source;
  Stated<std::string> packaging;               ///< whose build it is: "Debian"
  base::Json settings = base::Json::object();  ///< those that differ from the defaults, by name
  std::vector<std::string> cells;              ///< that use it, where there are several servers
};

/// A data set of a target, with the parameters of its data.
struct DataSetFacts {
  base::Json params = base::Json::object();  ///< by name
  std::string made_at;
  bool kept = false;              ///< by an earlier run
  std::optional<double> seconds;  ///< that making it took
};

struct TargetFacts {
  std::string name;
  std::string url;  ///< of a server that ran already
  Stated<std::string> data_sha256, data_inputs_sha256;
  /// SHA-256 of the files that requests are made of, by name.
  std::map<std::string, std::string> request_files;
  /// The same of the templates of its files.
  std::map<std::string, std::string> file_templates;
  std::vector<DataSetFacts> data_sets;  ///< that were made; without one for empty databases
  /// As its own command tells them, by name; null of a server that ran already.
  std::optional<base::Json> versions = base::Json::object();
  /// SHA-256 of each variable of the caller that its programs got, by name (null: not set).
  std::optional<base::Json> inherited, inherited_always;
  std::vector<std::string> cells;  ///< that use it, where there are several targets
};

struct ServiceFacts {
  std::string name;
  base::Json versions = base::Json::object();  ///< as its own command tells them, by name
  std::string sha256;                          ///< of its service.toml
  /// SHA-256 of the templates of its files, by name.
  std::map<std::string, std::string> file_templates;
};

struct GeneratorFacts {
  std::string name, version;
  std::optional<std::string> sha256;
};

/// Where a run took place, and with what.
struct Environment {
  std::optional<std::string> host_name, host_arch, cpu_model;
  std::optional<std::int64_t> cpu_count, memory_bytes;
  std::optional<std::string> os_description, kernel_release, cpu_governor;
  std::optional<std::string> cgroup_cpu_max, cgroup_memory_max;
  std::optional<bool> virtualized;
  std::optional<PostgresFacts> postgres;        ///< the first cell's
  std::vector<PostgresFacts> postgres_servers;  ///< all, where there are several
  std::optional<TargetFacts> target;            ///< the first cell's
  std::vector<TargetFacts> targets;             ///< all, where there are several
  std::vector<ServiceFacts> services;           ///< of all cells
  std::optional<GeneratorFacts> generator;      ///< null where there are several
  std::vector<GeneratorFacts> generators;       ///< all, where there are several
  std::vector<std::string> warnings;
  std::optional<std::string> failure;  ///< why the run failed or was interrupted
};

}  // namespace poolbench::report
