#include "console/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace poolbench::console {

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

}  // namespace poolbench::console
