#pragma once

#include <string>

#include "e2e/fixture.h"

namespace poolbench::e2e {

/// Lines of bash, for what only a shell can do to a program: redirect, close, limit.
class ShellTest : public E2eTest {
 protected:
  /// The exit code of a line, or minus the signal that ended bash. $poolbench is the program and
  /// the folder the test's own; what the line leaves of both streams is in out_ and err_.
  int bash(const std::string& line);
  /// `$poolbench run` of a bench with these options and redirections, once no other run holds the
  /// machine; `before` stands before it in the line.
  int bash_run(const ToyBench& bench, const std::string& options, const std::string& before = {});

  std::string out_, err_;
};

}  // namespace poolbench::e2e
