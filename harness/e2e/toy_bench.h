#pragma once

#include <filesystem>
#include <string>

namespace poolbench::e2e {

/// A target.toml for the toy server and a scenario that uses it, as text to be filled in. Unless a
/// test says otherwise a trial takes milliseconds.
struct ToyBench {
  std::string program;      ///< of the serve command; empty: the toy server
  int work_ms = 0;          ///< of every answer, part of the program: another version has another;
                            ///< of "db" with its session open
  std::string prepare;      ///< a TOML list: command of [prepare]; empty: nothing to prepare
  std::string data;         ///< a TOML list of lists: commands of [data]
  std::string data_inputs;  ///< a TOML list: inputs of [data]; empty: not declared
  std::string extensions;   ///< a TOML list: those of [data]; empty: none
  std::string inherit;      ///< a TOML list; empty: not set
  std::string metrics;      ///< [[metric]] tables
  std::string ready_timeout = "10s";
  std::string stop_grace = "10s";

  std::string endpoint = "page";  ///< "db" asks the database, with a session for each request
  int connections = 2;
  std::string params;           ///< lines such as "fault = …" below [target.params]
  std::string warmup = "20ms";  ///< empty: not set
  std::string measure = "100ms";
  int blocks = 1;        ///< 0: not set
  std::string design;    ///< further lines below [design]
  std::string postgres;  ///< lines below [postgres]
  std::string more;      ///< further tables: variants, matrix, …
};

/// The toy as an application with a database: a session for each request.
ToyBench with_database(int connections);

/// Two cells, "variant=quick" and then "variant=slow", which has these settings.
std::string quick_and_slow(const std::string& slow_settings);

/// Writes both files; returns the scenario's.
std::filesystem::path write_toy_bench(const std::filesystem::path& folder, const ToyBench& bench);

}  // namespace poolbench::e2e
