#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/time.h"

namespace poolbench::process {

/// Asks a process group to stop: `signal`, then `grace` of patience, then SIGKILL. The same signal
/// reaches the process if poolbench itself is killed.
struct StopPolicy {
  int signal = SIGTERM;
  base::Duration grace = std::chrono::seconds(5);
};

/// A program to start. Everything it prints goes to `log` (appended) unless `stdout_fd` is set.
struct Command {
  std::string name;                ///< for messages: "postgres", "target", "generator"
  std::vector<std::string> argv;   ///< argv[0] is looked up in the command's PATH unless it holds a
                                   ///< '/'; a relative path is relative to our folder
  std::vector<std::string> shown;  ///< the words as messages show them, since argv may hold
                                   ///< secrets; empty: argv
  base::Environment environment;   ///< all that it gets, beside the run's marks: nothing is
                                   ///< inherited that does not stand here
  std::string input;               ///< what it reads from stdin; empty: stdin is /dev/null
  std::filesystem::path folder;    ///< working folder; empty: ours
  std::filesystem::path log;       ///< stdout and stderr; empty: /dev/null
  std::uint64_t max_log_bytes = std::uint64_t{64} << 20U;  ///< see log_too_large()
  int stdout_fd = -1;     ///< stdout goes here instead (the caller keeps ownership)
  std::string run_as;     ///< user to become when we are root (with its HOME, USER and LOGNAME);
                          ///< empty: stay
  std::vector<int> cpus;  ///< CPUs it may use; empty: all that we may use
  /// Its soft limit of open files is the hard one; else it is ours.
  bool raises_descriptor_limit = false;
  StopPolicy stop;
};

/// How a process ended.
struct Exit {
  int code = 0;    ///< exit status, if it was not a signal
  int signal = 0;  ///< the signal that ended it, or 0
  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
};

/// "SIGTERM"; "signal 64" where there is no name.
inline std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

/// "exit status 3", "killed by SIGKILL".
inline std::string to_text(const Exit& exit) {
  if (exit.signal != 0) return "killed by " + signal_name(exit.signal);
  return "exit status " + std::to_string(exit.code);
}

}  // namespace poolbench::process
