#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "process/command.h"
#include "report/measurement.h"
#include "scenario/scenario.h"

namespace poolbench::load {

/// What a generator is to do in one trial.
struct Job {
  base::Url url;  ///< path may hold {nonce} and {seq}
  scenario::LoadSettings settings;
  int expect_status = 200;
  std::optional<std::string> expect_body;      ///< exact bytes
  std::optional<std::string> expect_contains;  ///< may hold {nonce}
  std::optional<std::uint64_t> expect_length;
  std::filesystem::path folder;  ///< of the trial; for the log and the expected body
  std::vector<int> cpus;
};

/// `poolbench load` with phase events on stdout; writes the expected body to the job's folder.
base::Result<process::Command> native_command(const Job& job);

/// Takes the generator's stdout as it comes: phase events first, the measurement last.
class NativeOutput {
 public:
  /// Adds bytes; returns the names of the phases that began with them ("warm-up", "measure",
  /// "done").
  std::vector<std::string> add(std::string_view bytes);
  /// The measurement, once stdout has ended.
  [[nodiscard]] base::Result<report::Measurement> measurement() const;

 private:
  std::string partial_;    ///< a line not ended yet
  std::string last_line_;  ///< the last whole line that is no event
};

}  // namespace poolbench::load
