#include "console/output.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "report/format/paint.h"

namespace poolbench::console {
namespace {

/// Why the first write to stdout failed. stdio, which is as global, remembers only that one did.
int first_failure = 0;

void note_failure() {
  if (first_failure == 0) first_failure = errno;
}

}  // namespace

bool is_terminal(int fd) {
  const char* kind = std::getenv("TERM");
  return ::isatty(fd) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

report::TextStyle text_style(int fd) {
  constexpr int kPipeWidth = 120;
  report::TextStyle style{false, kPipeWidth};
  if (!is_terminal(fd)) return style;
  const char* plain = std::getenv("NO_COLOR");
  style.colour = plain == nullptr || *plain == '\0';  // as no-color.org has it
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  return style;
}

void guard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest number that is free is this one. For reading: what is written there fails, as it
    // did before, and so does not go unnoticed.
    static_cast<void>(::open("/dev/null", O_RDONLY));
  }
  for (const int signal : {SIGPIPE, SIGXFSZ}) static_cast<void>(std::signal(signal, SIG_IGN));
}

void write_out(std::string_view text) {
  const bool colours = text_style(STDOUT_FILENO).colour;
  const std::string shown =
      colours ? report::printable_painted(text) : report::printable(text, true);
  if (std::fwrite(shown.data(), 1, shown.size(), stdout) < shown.size()) note_failure();
}

void write_error(std::string_view text) { write_steering(report::printable(text, true)); }

void write_steering(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void flush_out() {
  if (std::fflush(stdout) != 0) note_failure();
}

int finish_output(int exit_code) {
  flush_out();
  if (first_failure == 0 || first_failure == EPIPE) return exit_code;
  const auto failure =
      base::failed(fmt::format("cannot write to stdout: {}", std::strerror(first_failure)), {},
                   "free some space, or send it elsewhere");
  report_error(failure.value());
  return exit_code == kDone ? kFailure : exit_code;
}

int report_error(const base::Error& error) {
  tell("poolbench: error: {}\n", base::to_text(error));
  switch (error.code) {
    case base::ErrorCode::kBadInput:
      return kBadUsage;
    case base::ErrorCode::kInterrupted:
      return kInterrupt;
    case base::ErrorCode::kFailed:
    case base::ErrorCode::kUnavailable:
      break;
  }
  return kFailure;
}

}  // namespace poolbench::console
