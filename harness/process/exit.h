#pragma once

#include <string>

namespace poolbench::process {

/// How a process ended.
struct Exit {
  int code = 0;    ///< exit status, if it was not a signal
  int signal = 0;  ///< the signal that ended it, or 0
  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
};

/// "exit status 3", "killed by SIGKILL".
std::string to_text(const Exit& exit);

/// "SIGTERM"; "signal 64" where there is no name.
std::string signal_name(int signal);

}  // namespace poolbench::process
