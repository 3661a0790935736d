#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/result.h"
#include "report/format/text.h"

// The only way out of the program. What is shown may hold text of others (answers, logs, names of
// files), and the streams may be full, closed, or have lost their reader.

namespace poolbench::console {

/// What the program returns to its caller.
enum ExitCode : int {
  kDone = 0,
  kRegression = 1,   ///< a regression, or a refuted hypothesis under --strict
  kBadUsage = 2,     ///< bad usage or input
  kFailure = 3,      ///< a service, trial or comparison failed
  kUndecided = 4,    ///< inconclusive, where asked for
  kInterrupt = 130,  ///< ended by a signal
};

/// Whether the descriptor is a terminal that understands cursor movements.
bool is_terminal(int fd);

/// Width of the terminal, and colours unless NO_COLOR is set and not empty; a pipe gets 120 plain
/// columns.
report::TextStyle text_style(int fd);

/// Prints the error to stderr as "poolbench: error: …" and returns its exit code.
int report_error(const base::Error& error);

/// First thing in main: a standard stream that is closed gets a stand-in, so that no file is opened
/// in its place; a pipe without a reader and a file that may grow no further are errors of a write,
/// and no signal ends us.
void guard_streams();

/// See put(), tell() and steer().
void write_out(std::string_view text);
void write_error(std::string_view text);
void write_steering(std::string_view text);

/// What was asked for, on stdout, printable; the summary's own colours stay on a terminal that
/// wants them. What cannot be written shows in finish_output().
template <typename... Values>
void put(fmt::format_string<Values...> text, Values&&... values) {
  write_out(fmt::format(text, std::forward<Values>(values)...));
}

/// Progress and errors, on stderr, printable. Nothing fails because it cannot be written: a run
/// whose log is lost still writes its report.
template <typename... Values>
void tell(fmt::format_string<Values...> text, Values&&... values) {
  write_error(fmt::format(text, std::forward<Values>(values)...));
}

/// Like tell(), but as it is: for our own control sequences around text that is printable already.
template <typename... Values>
void steer(fmt::format_string<Values...> text, Values&&... values) {
  write_steering(fmt::format(text, std::forward<Values>(values)...));
}

/// Sends off what put() has kept back.
void flush_out();

/// Sends off the rest. Returns `exit_code`, or kFailure in place of kDone when something could not
/// be written, which stderr tells then. A reader that has seen enough (`| head`) is no failure.
int finish_output(int exit_code);

}  // namespace poolbench::console
