#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/job.h"
#include "process/launch.h"
#include "report/measurement.h"

namespace poolbench::load {

/// What a scenario may ask of the native generator.
inline constexpr scenario::Generator kNative{.name = "native",
                                             .open_loop = true,
                                             .exact_count = true,
                                             .close = true,
                                             .threads = true,
                                             .any_time = true,
                                             .short_time = true,
                                             .templates = true,
                                             .requests = true,
                                             .mixes = true,
                                             .clients = true,
                                             .expects_headers = true,
                                             .tells_endpoints = true,
                                             .unix_sockets = true,
                                             .verified_tls = true};

/// The native generator: a program beside the running one.
std::filesystem::path native_program();

/// The native generator, which reads the job from stdin and prints phase events, then the
/// measurement.
process::Command native_command(const Job& job);

/// Takes the generator's stdout as it comes: phase events first, the measurement last.
class NativeOutput {
 public:
  /// Adds bytes; returns the names of the phases that began with them ("warm-up", "measure",
  /// "done").
  std::vector<std::string> add(std::string_view bytes);
  /// The measurement, once the generator has ended like this. Fails unless it is whole: a generator
  /// that was ended early prints what it had until then.
  [[nodiscard]] base::Result<report::Measurement> measurement(const process::Exit& exit) const;

 private:
  std::string partial_;    ///< a line not ended yet
  std::string last_line_;  ///< the last whole line that is no event
};

}  // namespace poolbench::load
