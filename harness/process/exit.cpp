#include "process/exit.h"

#include <fmt/format.h>

#include <cstring>

namespace poolbench::process {

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string to_text(const Exit& exit) {
  if (exit.signal != 0) return fmt::format("killed by {}", signal_name(exit.signal));
  return fmt::format("exit status {}", exit.code);
}

}  // namespace poolbench::process
